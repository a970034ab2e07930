import { create } from 'webgpu';
import { AdapterError } from '../../errors';
import { type OpenGpuOptions, openGpu } from '../device';
import type { Gpu } from '../types';

/**
 * Dawn's instances of all open devices. Without a reference Dawn's worker dies under the device's feet; with
 * one left the process never exits.
 */
const instances = new Set<GPU>();

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
  const instance = create(options.adapter === undefined ? [] : [`adapter=${options.adapter}`]);
  instances.add(instance);
  let gpu: Gpu;
  try {
    gpu = await openGpu(instance, options);
  } catch (cause) {
    instances.delete(instance);
    if (!(cause instanceof AdapterError)) throw cause;
    throw new AdapterError(`No graphics device for Node. ${cause.message} ${ADVICE}`, { cause });
  }
  gpu.lost.then(() => instances.delete(instance));
  return gpu;
}

const ADVICE =
  'On Linux install a Vulkan driver (for example mesa-vulkan-drivers 24 or newer), or name one: ' +
  'GLOCAL_DRIVER=lavapipe|swiftshader|system|/path/to/icd.json. «glocal info» shows what was tried.';
