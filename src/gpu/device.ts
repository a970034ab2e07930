import { AdapterError, InputError } from '../errors';
import { adapterAdvice, userAgent, webGpuAdvice } from './adapter-advice';
import type { AdapterTraits, Gpu } from './types';

export interface OpenGpuOptions {
  readonly powerPreference?: 'low-power' | 'high-performance';
  /** Asks the browser for its software adapter. */
  readonly software?: boolean;
  /** Limits below which the work cannot be done; an adapter that offers less is refused in words. */
  readonly requiredLimits?: Partial<AdapterTraits['limits']>;
  /**
   * Gets errors that no error scope caught. Default: the error is thrown where nothing catches it, so that a
   * page logs it and a Node process ends.
   */
  readonly onUncapturedError?: (error: GPUError) => void;
  /** How to wait for a software adapter. Default: by the promise alone. */
  readonly waitForSoftware?: Gpu['wait'];
}

/** Features asked for when the adapter has them; kernels that use one say so in `KernelSource.features`. */
const WANTED_FEATURES: readonly GPUFeatureName[] = ['subgroups', 'shader-f16', 'timestamp-query'];

/** Storage buffers that one kernel may bind; more than this is not asked for even where it is offered. */
const MAX_STORAGE_BUFFERS = 10;

const TRAIT_LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupsPerDimension',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupStorageSize',
  'maxStorageBuffersPerShaderStage',
] as const;

const WORKGROUP_SIZE_LIMITS = [
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
] as const;

/**
 * Opens a device of an adapter, with the adapter's largest limits and the optional features above.
 *
 * @throws {AdapterError} when there is no WebGPU, no adapter, or too small a limit.
 */
export async function openGpu(gpu: GPU | undefined, options: OpenGpuOptions = {}): Promise<Gpu> {
  if (!gpu) {
    throw new AdapterError(
      'This browser has no WebGPU (or the page is not served over https or from localhost), so nothing can be ' +
        `computed. ${webGpuAdvice(userAgent())}`,
      { code: 'no-webgpu' },
    );
  }
  if (typeof gpu.requestAdapter !== 'function' || typeof options !== 'object' || options === null)
    throw new InputError('openGpu takes navigator.gpu, or another GPU, and an object of options.');
  const wanted = {
    ...(options.powerPreference && { powerPreference: options.powerPreference }),
    ...(options.software && { forceFallbackAdapter: true }),
  };
  // Devices with OpenGL ES only, a quarter of those with Android, have none but for those who ask for compatibility.
  const adapter =
    (await gpu.requestAdapter(wanted)) ??
    (await gpu.requestAdapter({ ...wanted, featureLevel: 'compatibility' }));
  if (!adapter) {
    throw new AdapterError(
      `WebGPU is there, but it found no graphics adapter that it can use. ${adapterAdvice(userAgent())}`,
    );
  }
  return openAdapter(adapter, options);
}

async function openAdapter(adapter: GPUAdapter, options: OpenGpuOptions): Promise<Gpu> {
  checkLimits(adapter, options.requiredLimits ?? {});
  const requiredLimits: Record<string, number> = {};
  for (const name of [...TRAIT_LIMITS, ...WORKGROUP_SIZE_LIMITS]) requiredLimits[name] = adapter.limits[name];
  requiredLimits.maxStorageBuffersPerShaderStage = Math.min(
    MAX_STORAGE_BUFFERS,
    adapter.limits.maxStorageBuffersPerShaderStage,
  );
  const requiredFeatures = WANTED_FEATURES.filter((name) => adapter.features.has(name));
  let device: GPUDevice;
  try {
    device = await adapter.requestDevice({ label: 'glocal', requiredFeatures, requiredLimits });
  } catch (cause) {
    throw new AdapterError(`The adapter ${describe(adapter.info)} gave no device: ${messageOf(cause)}`, {
      cause,
    });
  }
  const report = options.onUncapturedError ?? throwUncaught;
  device.addEventListener('uncapturederror', (event) => report(event.error));
  const traits = readTraits(adapter.info, device);
  return new OpenedGpu(device, traits, traits.isSoftware ? options.waitForSoftware : undefined);
}

/** A device that someone else opened, with what it tells of its adapter. `destroy` destroys it. */
export function fromDevice(device: GPUDevice): Gpu {
  // Not all browsers have the property yet; then nothing is known of the adapter.
  const info: GPUAdapterInfo | undefined = device.adapterInfo;
  return new OpenedGpu(device, readTraits(info ?? UNKNOWN_ADAPTER, device));
}

const UNKNOWN_ADAPTER = { vendor: '', architecture: '', device: '', description: '' } as GPUAdapterInfo;

class OpenedGpu implements Gpu {
  readonly lost: Promise<GPUDeviceLostInfo>;
  isLost = false;

  constructor(
    readonly device: GPUDevice,
    readonly traits: AdapterTraits,
    readonly wait: Gpu['wait'] = (news) => news,
  ) {
    this.lost = device.lost.then((info) => {
      this.isLost = true;
      return info;
    });
  }

  destroy(): void {
    this.isLost = true;
    this.device.destroy();
  }
}

function checkLimits(adapter: GPUAdapter, required: Partial<AdapterTraits['limits']>): void {
  for (const name of TRAIT_LIMITS) {
    const needed = required[name];
    if (needed !== undefined && adapter.limits[name] < needed) {
      throw new AdapterError(
        `The adapter ${describe(adapter.info)} offers ${name} = ${adapter.limits[name]}, but ${needed} is needed. ` +
          'Use another adapter.',
      );
    }
  }
}

function readTraits(info: GPUAdapterInfo, device: GPUDevice): AdapterTraits {
  const { subgroupMinSize = 0, subgroupMaxSize = 0 } = info;
  const fixedSubgroup = device.features.has('subgroups') && subgroupMinSize === subgroupMaxSize;
  const limits = Object.fromEntries(TRAIT_LIMITS.map((name) => [name, device.limits[name]]));
  return {
    vendor: info.vendor,
    architecture: info.architecture,
    device: info.device,
    description: info.description,
    isSoftware: isSoftware(info),
    subgroupSize: fixedSubgroup ? subgroupMinSize : 0,
    features: [...device.features].sort(),
    limits: limits as AdapterTraits['limits'],
  };
}

/** Browsers may hide everything but the vendor; then only `isFallbackAdapter` tells. */
export function isSoftware(info: GPUAdapterInfo): boolean {
  const words = [info.vendor, info.architecture, info.device, info.description].join(' ');
  return (
    info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|softpipe|basic render|\bwarp\b/i.test(words)
  );
}

/** One line for a person: the most telling name the adapter gives. */
export function describe(
  info: Pick<AdapterTraits, 'vendor' | 'architecture' | 'device' | 'description'>,
): string {
  return (
    info.description || [info.vendor, info.architecture, info.device].filter(Boolean).join(' ') || 'unnamed'
  );
}

function throwUncaught(error: GPUError): void {
  // Thrown inside the listener, Dawn's Node binding would end without a message.
  setTimeout(() => {
    throw new Error(`WebGPU error outside of any error scope: ${error.message}`, { cause: error });
  });
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
