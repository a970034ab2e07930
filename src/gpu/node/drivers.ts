import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InputError } from '../../errors';
import { unpackBundled } from './bundled';

/** Dawn's Vulkan driver, and why it was chosen. On macOS and Windows Dawn needs none. */
export interface DriverChoice {
  readonly driver: 'system' | 'lavapipe' | 'swiftshader' | 'file' | 'none';
  /** The reason for the choice, for the user. */
  readonly reason: string;
  /** Variables that the Vulkan loader must see while Dawn lists its adapters. */
  readonly environment: Readonly<Record<string, string>>;
  /** A `libvulkan.so.1` that Dawn cannot find by itself. */
  readonly loader?: string;
}

/** The machine's properties for choosing a driver; tests substitute another. */
export interface DriverHost {
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
  exists(path: string): boolean;
  /** Names in a folder; empty if it does not exist. */
  list(folder: string): readonly string[];
  /** The adapter that Dawn finds without help, or null. */
  findAdapter(): Promise<string | null>;
  /** A folder with npm's `libvulkan.so.1` and SwiftShader, or null. */
  bundledVulkan(): Promise<string | null>;
}

/**
 * A feature of Dawn to switch off on SwiftShader, which clears workgroup memory by one store per element: kernels with
 * much of it compile for seconds (`bench/workgroup-memory.ts`). Without the feature they clear it themselves, in a loop.
 */
export const SLOW_ON_SWIFTSHADER = 'use_vulkan_zero_initialize_workgroup_memory_extension';

/** Accepted names, besides the path of an ICD file. */
export const DRIVER_NAMES: readonly string[] = ['lavapipe', 'swiftshader', 'system'];

/** Where the Vulkan loader looks for drivers. */
export const ICD_FOLDERS = ['/etc/vulkan/icd.d', '/usr/local/share/vulkan/icd.d', '/usr/share/vulkan/icd.d'];

/**
 * Chooses the driver: the one named by the user (`named`, or the variable GLOCAL_DRIVER), the machine's, or npm's.
 *
 * @param named `lavapipe`, `swiftshader`, `system`, or the path of an ICD file (.json).
 * @throws {InputError} when the named driver is not available.
 */
export async function chooseDriver(named?: string, host: DriverHost = thisMachine): Promise<DriverChoice> {
  const name = named ?? host.environment.GLOCAL_DRIVER;
  if (name) return chooseNamed(name, host);
  if (host.platform !== 'linux') {
    return { driver: 'system', reason: 'Metal or Direct3D is part of the system', environment: {} };
  }
  for (const variable of ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES']) {
    if (host.environment[variable])
      return { driver: 'system', reason: `${variable} is set`, environment: {} };
  }
  const adapter = await host.findAdapter();
  if (adapter) return { driver: 'system', reason: `this machine's Vulkan has ${adapter}`, environment: {} };
  const reason = 'this machine has no Vulkan driver that Dawn accepts';
  const folder = await host.bundledVulkan();
  if (folder) return swiftShader(folder, `${reason}; npm installed SwiftShader`);
  return { driver: 'none', reason: `${reason}, and npm installed none`, environment: {} };
}

async function chooseNamed(name: string, host: DriverHost): Promise<DriverChoice> {
  const reason = 'named by the user';
  if (name === 'system') return { driver: 'system', reason, environment: {} };
  if (host.platform !== 'linux') {
    throw new InputError(`The driver "${name}" can be chosen on Linux only; leave GLOCAL_DRIVER unset.`);
  }
  if (name === 'swiftshader') {
    const folder = await host.bundledVulkan();
    if (folder) return swiftShader(folder, reason);
    throw new InputError(
      'SwiftShader is not installed. On Linux x64 run: npm install @sparticuz/chromium; elsewhere name another driver.',
    );
  }
  if (name === 'lavapipe') return { driver: 'lavapipe', reason, environment: icd(findLavapipe(host)) };
  if (!name.endsWith('.json')) {
    throw new InputError(
      `Unknown driver "${name}": lavapipe, swiftshader, system, or the path of an ICD file (.json).`,
    );
  }
  if (!host.exists(name)) throw new InputError(`The driver file ${name} does not exist.`);
  return { driver: 'file', reason, environment: icd(name) };
}

function findLavapipe(host: DriverHost): string {
  for (const folder of ICD_FOLDERS) {
    const file = host.list(folder).find((entry) => /^lvp_icd.*\.json$/.test(entry));
    if (file) return join(folder, file);
  }
  throw new InputError(
    `lavapipe is not installed (no lvp_icd*.json in ${ICD_FOLDERS.join(', ')}). Install mesa-vulkan-drivers, 24 or newer.`,
  );
}

const swiftShader = (folder: string, reason: string): DriverChoice => ({
  driver: 'swiftshader',
  reason,
  environment: icd(join(folder, 'vk_swiftshader_icd.json')),
  loader: join(folder, 'libvulkan.so.1'),
});

/** Loaders since 1.3.207 look at the second name first. */
const icd = (file: string) => ({ VK_ICD_FILENAMES: file, VK_DRIVER_FILES: file });

/** Choices by the value of GLOCAL_DRIVER, because finding one starts a process. */
const choices = new Map<string, Promise<DriverChoice>>();

/** The choice for this process, cached unless it failed or another driver is named. */
export function driverOfProcess(): Promise<DriverChoice> {
  const name = process.env.GLOCAL_DRIVER ?? '';
  let choice = choices.get(name);
  if (!choice) {
    choice = chooseDriver();
    choices.set(name, choice);
    choice.catch(() => choices.delete(name));
  }
  return choice;
}

const thisMachine: DriverHost = {
  platform: process.platform,
  environment: process.env,
  exists: existsSync,
  list: (folder) => (existsSync(folder) ? readdirSync(folder) : []),
  findAdapter: findAdapterInChild,
  bundledVulkan: () => unpackBundled('vulkan'),
};

const PROBE_TIMEOUT_MS = 60_000;

/** Asks Dawn in a child process, since a broken driver may crash it. */
function findAdapterInChild(): Promise<string | null> {
  const dawn = pathToFileURL(createRequire(import.meta.url).resolve('webgpu')).href;
  const code = `
    const { create } = await import(${JSON.stringify(dawn)});
    const gpu = create([]);
    const adapter = await gpu.requestAdapter();
    process.stdout.write(adapter ? adapter.info.description || adapter.info.device || 'an adapter' : '', () => process.exit());`;
  return new Promise((resolve) => {
    const options = { timeout: PROBE_TIMEOUT_MS, encoding: 'utf8' as const };
    execFile(process.execPath, ['--input-type=module', '-e', code], options, (error, stdout) => {
      resolve(error ? null : stdout || null);
    });
  });
}
