import { constants } from 'node:os';
import { isMainThread } from 'node:worker_threads';
import { AdapterError, InputError } from '../../errors';
import { reason } from '../../reason';
import { type OpenGpuOptions, openGpu } from '../device';
import type { Gpu } from '../types';
import { type DriverChoice, driverOfProcess, SLOW_ON_SWIFTSHADER } from './drivers';
import { restUntil } from './rest';

export interface OpenNodeGpuOptions extends Omit<OpenGpuOptions, 'software'> {
  /** Part of an adapter's name, when the machine has several. */
  readonly adapter?: string;
}

/**
 * Opens a device through Dawn. On Linux the first call chooses the Vulkan driver (`chooseDriver`), which takes a
 * fraction of a second.
 *
 * @throws {AdapterError} when there is no driver that Dawn can use, or the package `webgpu` is missing.
 * @throws {InputError} when GLOCAL_DRIVER names an unavailable driver.
 */
export async function openNodeGpu(options: OpenNodeGpuOptions = {}): Promise<Gpu> {
  if (typeof options !== 'object' || options === null)
    throw new InputError('The options of openNodeGpu must be an object.');
  const { gpu, choice } = await dawn(options.adapter);
  try {
    return await openGpu(gpu, { waitForSoftware: restUntil, ...options });
  } catch (cause) {
    if (!(cause instanceof AdapterError)) throw cause;
    throw new AdapterError(`No graphics device for Node. ${cause.message} ${advice(choice)}`, { cause });
  }
}

/** Defines `navigator.gpu` and WebGPU's constants for code written for browsers. Our own code needs neither. */
export async function installWebGpuGlobals(): Promise<void> {
  const { globals } = await loadDawn();
  Object.assign(globalThis, globals);
  // Node 20 has no navigator, and later versions have a read-only one.
  const value = { userAgent: `Node.js/${process.versions.node}`, gpu: (await dawn(undefined)).gpu };
  Object.defineProperty(globalThis, 'navigator', { value, configurable: true });
}

interface Dawn {
  readonly gpu: GPU;
  readonly choice: DriverChoice;
}

/**
 * Dawn's instances by driver and adapter. Never released, because Dawn still calls into an instance after its last
 * device is gone; a collected instance hangs or kills the process. They do not keep the process alive.
 */
const instances = new Map<string, Dawn>();

async function dawn(adapter: string | undefined): Promise<Dawn> {
  const { create } = await loadDawn();
  const choice = await driverOfProcess();
  const key = JSON.stringify([choice.environment, adapter]);
  let instance = instances.get(key);
  if (!instance) {
    const flags = choice.driver === 'swiftshader' ? [`disable-dawn-features=${SLOW_ON_SWIFTSHADER}`] : [];
    if (adapter !== undefined) flags.push(`adapter=${adapter}`);
    instance = { gpu: create(flags), choice };
    listAdapters(instance);
    instances.set(key, instance);
  }
  return instance;
}

async function loadDawn(): Promise<typeof import('webgpu')> {
  try {
    return await import('webgpu');
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND';
    throw new AdapterError(
      isMissing
        ? 'The package webgpu (Dawn), needed to compute in Node, is not installed. Run: npm install webgpu'
        : `The package webgpu (Dawn), needed to compute in Node, does not load: ${reason(cause)}. It needs glibc, macOS or Windows.`,
      { cause, ...(isMissing && { code: 'missing-package' as const }) },
    );
  }
}

/**
 * Makes Dawn list its adapters with the chosen driver. It does so once per instance, before `requestAdapter` returns,
 * so nothing else in this process or its children sees the variables.
 */
function listAdapters({ gpu, choice: { environment, loader } }: Dawn): void {
  if (loader !== undefined) preload(loader);
  const before = Object.keys(environment).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, environment);
  try {
    gpu.requestAdapter().catch(() => undefined);
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

/** A flag of glibc's `dlopen` that Node does not name. */
const RTLD_NODELETE = 0x1000;

/**
 * Loads a library so that it can be opened later by its plain name. The search path of a process is fixed at its
 * start, but libraries already loaded are found first. Node takes the library for an add-on and complains; it stays
 * loaded.
 */
function preload(library: string): void {
  try {
    process.dlopen({ exports: {} }, library, constants.dlopen.RTLD_NOW | RTLD_NODELETE);
  } catch {
    // If it failed, Dawn finds no adapter and reports that.
  }
}

function advice({ driver, reason: why }: DriverChoice): string {
  if (process.platform !== 'linux') return '"npx glocal info" shows what was tried.';
  if (!isMainThread && driver !== 'system') {
    return (
      'In a worker thread the Vulkan loader does not see the variables set for it: start the worker with ' +
      '{ env: SHARE_ENV } of node:worker_threads, or open the device in the main thread.'
    );
  }
  const bundled = process.arch === 'x64' ? ', run npm install @sparticuz/chromium (it has SwiftShader)' : '';
  return (
    `The driver is "${driver}" (${why}). Install a Vulkan driver (Debian, Ubuntu: mesa-vulkan-drivers)${bundled}, ` +
    "or set GLOCAL_DRIVER to the path of a driver's ICD file (.json)."
  );
}
