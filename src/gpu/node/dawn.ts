import { create, globals } from 'webgpu';
import { AdapterError } from '../../errors';
import { type OpenGpuOptions, openGpu } from '../device';
import type { Gpu } from '../types';
import { restUntil } from './rest';

/**
 * Dawn's instances by their options: never let go, because Dawn still calls into an instance after its last
 * device is gone, and one that was collected by then hangs or kills the process. They keep no process from
 * its end.
 */
const instances = new Map<string, GPU>();

function dawn(adapter: string | undefined): GPU {
  const options = adapter === undefined ? [] : [`adapter=${adapter}`];
  const key = options.join();
  const instance = instances.get(key) ?? create(options);
  instances.set(key, instance);
  return instance;
}

export interface OpenNodeGpuOptions extends Omit<OpenGpuOptions, 'software'> {
  /** Part of an adapter's name, when the machine has several. */
  readonly adapter?: string;
}

/**
 * Opens a device through Dawn. The driver is chosen before the process starts: see `launchEnvironment`.
 *
 * @throws {AdapterError} when there is no driver, or none that Dawn can use.
 */
export async function openNodeGpu(options: OpenNodeGpuOptions = {}): Promise<Gpu> {
  try {
    return await openGpu(dawn(options.adapter), { waitForSoftware: restUntil, ...options });
  } catch (cause) {
    if (!(cause instanceof AdapterError)) throw cause;
    throw new AdapterError(`No graphics device for Node. ${cause.message} ${ADVICE}`, { cause });
  }
}

const ADVICE =
  'On Linux install a Vulkan driver (for example mesa-vulkan-drivers 24 or newer), or name one: ' +
  'GLOCAL_DRIVER=lavapipe|swiftshader|system|/path/to/icd.json. «glocal info» shows what was tried.';

/**
 * Puts `navigator.gpu` and WebGPU's constants where code that was written for browsers looks for them. Our own
 * code needs neither.
 */
export function installWebGpuGlobals(): void {
  Object.assign(globalThis, globals);
  // Node 20 has no navigator, and later ones none that can be added to.
  const value = { userAgent: `Node.js/${process.versions.node}`, gpu: dawn(undefined) };
  Object.defineProperty(globalThis, 'navigator', { value, configurable: true });
}
