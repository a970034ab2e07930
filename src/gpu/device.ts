import { AdapterError, InputError } from '../errors';
import { adapterAdvice, userAgent, webGpuAdvice } from './adapter-advice';
import type { AdapterTraits, Gpu } from './types';

export interface OpenGpuOptions {
  readonly powerPreference?: 'low-power' | 'high-performance';
  /** Requests the browser's software adapter. */
  readonly software?: boolean;
  /** Limits that the work needs; an adapter that offers less is refused with a message. */
  readonly requiredLimits?: Partial<AdapterTraits['limits']>;
  /**
   * Receives errors that no error scope caught. Default: throws them outside of any handler, so that a page logs them
   * and a Node process ends.
   */
  readonly onUncapturedError?: (error: GPUError) => void;
  /** How to wait for a software adapter. Default: just awaits the promise. */
  readonly waitForSoftware?: Gpu['wait'];
}

/** Features requested if available; kernels that need one declare it in `KernelSource.features`. */
const WANTED_FEATURES: readonly GPUFeatureName[] = ['subgroups', 'shader-f16', 'timestamp-query'];

/** Storage buffers that a kernel may bind; more are not requested even if available. */
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
 * Opens a device with the adapter's largest limits and the optional features above.
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
  // Devices with OpenGL ES only, a quarter of those with Android, have an adapter only in compatibility mode.
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
    throw new AdapterError(
      `The adapter ${describe(adapter.info)} did not open a device: ${messageOf(cause)}`,
      {
        cause,
      },
    );
  }
  const report = options.onUncapturedError ?? throwUncaught;
  device.addEventListener('uncapturederror', (event) => report(event.error));
  const traits = readTraits(adapter.info, device);
  return new OpenedGpu(device, traits, traits.isSoftware ? options.waitForSoftware : undefined);
}

/** Wraps a device that someone else opened, with what it knows about its adapter. `destroy` destroys it. */
export function fromDevice(device: GPUDevice): Gpu {
  // Not all browsers have this property yet; without it nothing is known about the adapter.
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

/** Browsers may hide everything but the vendor; then only `isFallbackAdapter` is conclusive. */
export function isSoftware(info: GPUAdapterInfo): boolean {
  const words = [info.vendor, info.architecture, info.device, info.description].join(' ');
  return (
    info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|softpipe|basic render|\bwarp\b/i.test(words)
  );
}

/** The most informative name that the adapter provides, in one line. */
export function describe(
  info: Pick<AdapterTraits, 'vendor' | 'architecture' | 'device' | 'description'>,
): string {
  return (
    info.description || [info.vendor, info.architecture, info.device].filter(Boolean).join(' ') || 'unnamed'
  );
}

function throwUncaught(error: GPUError): void {
  // If thrown inside the listener, Dawn's Node binding would end the process without a message.
  setTimeout(() => {
    throw new Error(`WebGPU error outside of any error scope: ${error.message}`, { cause: error });
  });
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
