import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InputError } from '../../errors';
import { unpackBundled } from './bundled';

/** Which Vulkan driver Dawn gets, and why. On macOS and Windows Dawn needs none. */
export interface DriverChoice {
  readonly driver: 'system' | 'lavapipe' | 'swiftshader' | 'file' | 'none';
  /** For a person: why this one. */
  readonly reason: string;
  /** Variables that must be set before the process starts that opens the device. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The machine as the choice of a driver sees it; tests give another. */
export interface DriverHost {
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
  exists(path: string): boolean;
  /** Names in a folder; none when it does not exist. */
  list(folder: string): readonly string[];
  /** The adapter that Dawn finds as things are, or null. */
  findAdapter(): Promise<string | null>;
  /** A folder with `libvulkan.so.1` and SwiftShader that npm brought, or null. */
  bundledVulkan(): Promise<string | null>;
}

/** Holds the choice as JSON in a process that was started with its environment. */
const CHOICE_VARIABLE = 'GLOCAL_DRIVER_CHOICE';

const ICD_FOLDERS = ['/etc/vulkan/icd.d', '/usr/local/share/vulkan/icd.d', '/usr/share/vulkan/icd.d'];

/**
 * Chooses the driver: what the user named (`named`, else the variable GLOCAL_DRIVER), what the machine has,
 * what npm brought.
 *
 * @param named `lavapipe`, `swiftshader`, `system`, or the path of an ICD file (.json).
 * @throws {InputError} when the driver that was named is not there.
 */
export async function chooseDriver(named?: string, host: DriverHost = thisMachine): Promise<DriverChoice> {
  // A process cannot change its driver: what it was started with holds.
  const standing = host.environment[CHOICE_VARIABLE];
  if (standing) return JSON.parse(standing) as DriverChoice;
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
  if (adapter) return { driver: 'system', reason: `Vulkan of this machine has ${adapter}`, environment: {} };
  const reason = 'this machine has no Vulkan driver that Dawn takes';
  const folder = await host.bundledVulkan();
  if (folder) return swiftShader(folder, `${reason}; npm brought SwiftShader`, host);
  return { driver: 'none', reason: `${reason}, and npm brought none (only for Linux x64)`, environment: {} };
}

async function chooseNamed(name: string, host: DriverHost): Promise<DriverChoice> {
  const reason = 'named by the user';
  if (name === 'system') return { driver: 'system', reason, environment: {} };
  if (host.platform !== 'linux') {
    throw new InputError(`The driver «${name}» can be chosen on Linux only; leave GLOCAL_DRIVER away.`);
  }
  if (name === 'swiftshader') {
    const folder = await host.bundledVulkan();
    if (folder) return swiftShader(folder, reason, host);
    throw new InputError(
      'SwiftShader is not installed: run npm install with optional packages on Linux x64.',
    );
  }
  if (name === 'lavapipe') return { driver: 'lavapipe', reason, environment: icd(findLavapipe(host)) };
  if (!name.endsWith('.json')) {
    throw new InputError(
      `Unknown driver «${name}»: lavapipe, swiftshader, system, or the path of an ICD file (.json).`,
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

function swiftShader(folder: string, reason: string, host: DriverHost): DriverChoice {
  const libraries = [folder, host.environment.LD_LIBRARY_PATH].filter(Boolean).join(delimiter);
  const environment = { ...icd(join(folder, 'vk_swiftshader_icd.json')), LD_LIBRARY_PATH: libraries };
  return { driver: 'swiftshader', reason, environment };
}

/** The second is the name that loaders since 1.3.207 look at first. */
const icd = (file: string) => ({ VK_ICD_FILENAMES: file, VK_DRIVER_FILES: file });

/**
 * The variables with which a process must be started so that Dawn finds its driver there. Empty in a process
 * that was started with them, or when it needs none.
 */
export async function launchEnvironment(named?: string): Promise<Record<string, string>> {
  if (process.env[CHOICE_VARIABLE]) return {};
  const choice = await chooseDriver(named);
  if (Object.keys(choice.environment).length === 0) return {};
  return { ...choice.environment, [CHOICE_VARIABLE]: JSON.stringify(choice) };
}

/** The environment as it was before a driver for Dawn was chosen: for other programs, such as a browser. */
export function environmentWithoutDriver(environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const { [CHOICE_VARIABLE]: json, ...rest } = environment;
  if (!json) return rest;
  const choice = JSON.parse(json) as DriverChoice;
  for (const [name, value] of Object.entries(choice.environment)) {
    const before = name === 'LD_LIBRARY_PATH' ? value.split(delimiter).slice(1).join(delimiter) : '';
    if (before) rest[name] = before;
    else delete rest[name];
  }
  return rest;
}

const thisMachine: DriverHost = {
  platform: process.platform,
  environment: process.env,
  exists: existsSync,
  list: (folder) => (existsSync(folder) ? readdirSync(folder) : []),
  findAdapter: findAdapterInChild,
  bundledVulkan: () => unpackBundled('vulkan'),
};

const PROBE_TIMEOUT_MS = 30_000;

/** Asks Dawn in a process of its own: a driver that breaks takes only that one down. */
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
