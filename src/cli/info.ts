import type { Command } from 'commander';
import { AdapterError, InputError } from '../errors';
import { describe } from '../gpu/device';
import { chromeVersion, findChrome } from '../gpu/node/chrome';
import { openNodeGpu } from '../gpu/node/dawn';
import { type DriverChoice, driverOfProcess } from '../gpu/node/drivers';
import type { AdapterTraits } from '../gpu/types';
import { readTuning } from '../kernels/node/tuned';
import { findConfigFile } from './config-file';

/** The JSON of `glocal info --json`. */
interface MachineInfo {
  readonly node: string;
  readonly platform: string;
  /** Without the environment variables, whose effect is shown. */
  readonly driver: Pick<DriverChoice, 'driver' | 'reason'>;
  /** Dawn's adapters for each power preference, without duplicates. */
  readonly adapters: readonly AdapterTraits[];
  /** For each adapter, when and for what its kernels were tuned, or why that is unusable; null if they never were. */
  readonly tuned: readonly (string | null)[];
  /** The reason if there is no adapter. */
  readonly problem: string | null;
  /** The file of defaults for the command line. */
  readonly config: string | null;
  readonly browser: { readonly kind: string; readonly path: string; readonly version: string | null } | null;
  /** The reason if GLOCAL_CHROME names a browser that is not there. */
  readonly browserProblem: string | null;
}

/** Adds `glocal info`. */
export function registerInfoCommand(program: Command): void {
  program
    .command('info')
    .description('show the graphics adapters, the driver and the browser that would be used')
    .option('--json', 'print JSON')
    .action(async (_, command: Command) => {
      const { json } = command.opts<{ json?: boolean }>();
      const info = await inspectMachine();
      process.stdout.write(json ? `${JSON.stringify(info, null, 2)}\n` : `${table(info)}\n`);
      if (info.adapters.length === 0) process.exitCode = 1;
    });
}

async function inspectMachine(): Promise<MachineInfo> {
  const { adapters, problem } = await listAdapters();
  // Without Dawn no driver can be tried.
  const isMissing = problem?.code === 'missing-package';
  const { driver, reason } = isMissing
    ? { driver: 'none' as const, reason: 'the package webgpu is not installed' }
    : await driverOfProcess();
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    driver: { driver, reason },
    adapters,
    tuned: await Promise.all(adapters.map(tunedWhen)),
    problem: problem?.message ?? null,
    config: findConfigFile() ?? null,
    ...(await inspectBrowser()),
  };
}

async function inspectBrowser(): Promise<Pick<MachineInfo, 'browser' | 'browserProblem'>> {
  try {
    const chrome = findChrome();
    return {
      browser: chrome && { ...chrome, version: await chromeVersion(chrome) },
      browserProblem: null,
    };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { browser: null, browserProblem: error.message };
  }
}

async function tunedWhen(traits: AdapterTraits): Promise<string | null> {
  try {
    const all = await readTuning(traits);
    const tuning = all ?? (await readTuning(traits, 'photos'));
    const what = all ? '' : 'for photos, ';
    return tuning && `${what}measured on ${tuning.date}, ${tuning.policy.gather[0] ?? 'direct'} first`;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return error.message;
  }
}

/** WebGPU cannot list adapters; the two preferences find both of a laptop with two. */
async function listAdapters(): Promise<{ adapters: AdapterTraits[]; problem: AdapterError | null }> {
  const found = new Map<string, AdapterTraits>();
  let problem: AdapterError | null = null;
  for (const powerPreference of ['high-performance', 'low-power'] as const) {
    try {
      const gpu = await openNodeGpu({ powerPreference });
      found.set(describe(gpu.traits), gpu.traits);
      gpu.destroy();
    } catch (error) {
      if (!(error instanceof AdapterError)) throw error;
      problem = error;
    }
  }
  return { adapters: [...found.values()], problem: found.size > 0 ? null : problem };
}

function table(info: MachineInfo): string {
  const { node, platform, driver, adapters, tuned, problem, config, browser, browserProblem } = info;
  const rows: [string, string][] = [
    ['node', `${node}, ${platform}`],
    ['driver', `${driver.driver} (${driver.reason})`],
  ];
  adapters.forEach((traits, index) => {
    rows.push(...adapterRows(traits), ['  kernels', tuned[index] ?? 'built-in (glocal bench tune measures)']);
  });
  if (problem) rows.push(['adapter', `none: ${problem}`]);
  rows.push([
    'browser',
    browser
      ? `${browser.version ?? 'unknown version'}, ${browser.kind}: ${browser.path}`
      : ['none', browserProblem].filter(Boolean).join(': '),
  ]);
  rows.push(['defaults', config ?? 'built-in (no glocal.config.json here or above)']);
  return rows.map(([name, value]) => name.padEnd(12) + value).join('\n');
}

function adapterRows({
  features,
  limits,
  subgroupSize,
  isSoftware,
  ...info
}: AdapterTraits): [string, string][] {
  return [
    ['adapter', describe(info) + (isSoftware ? ' (software: slow)' : '')],
    ['  features', features.join(', ')],
    ['  subgroup', subgroupSize === 0 ? 'not fixed' : `${subgroupSize} lanes`],
    ...Object.entries(limits).map(([name, value]): [string, string] => ['  limit', `${name} ${value}`]),
  ];
}
