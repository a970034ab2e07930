import { InputError } from '../errors';
import type { Precision } from '../gpu/kernel-call';
import type { Gpu } from '../gpu/types';
import type { KernelPolicy } from '../kernels/policy';
import { checkEncoding, type PhotoFormat } from '../photo/format';
import { checkOutput, type Output } from './outputs';
import type { Encoding } from './platform';

export interface EnhancerOptions {
  /**
   * The name of a model in this package (`nano`), the URL of a weight file (in Node also its path), or the bytes of
   * one.
   */
  readonly model: string | URL | Uint8Array | ArrayBuffer;
  /**
   * A device to compute on. It remains the caller's: the enhancer neither destroys it nor replaces it when it is
   * lost.
   */
  readonly device?: GPUDevice;
  /** The same, from `openGpu` or `openNodeGpu`. With neither, the enhancer opens its own device. */
  readonly gpu?: Gpu;
  /**
   * `f16` stores weights and activations in half the memory and computes in f32. `f16-arithmetic` also multiplies in
   * f16, with the kernels made for GPUs, and sums in f32. Both need the device feature `shader-f16`. Default: `f32`.
   */
  readonly precision?: Precision;
  /**
   * Side in pixels of the square whose area limits a tile. `auto`: chosen from the device's limits and a memory
   * budget. Results are bit-identical either way. Default: `auto`.
   */
  readonly tile?: number | 'auto';
  /**
   * How kernels are chosen. Every policy gives correct results; a good one is faster. Default: in Node, the
   * measurements of `glocal bench tune` on this adapter; otherwise the built-in policy for the kind of adapter
   * (`policyFor`).
   */
  readonly policy?: KernelPolicy;
  /** How messages refer to the weights. Default: the name or URL, if there is one. */
  readonly modelName?: string;
}

/** How to enhance a photo. */
export interface EnhanceOptions {
  /** 0: the original photo; 1: the network's picture; in between: a blend. Default: 1. */
  readonly strength?: number;
  /** Keeps the hue of every pixel; see `hue.ts`. Default: false. */
  readonly keepHue?: boolean;
  /**
   * Sets black point, white point and brightness of the network's picture, for the photo as a whole and in proportion
   * to what the network changed; see `finish.ts`. Default: false, since networks trained on finished targets do this
   * themselves.
   */
  readonly finish?: boolean;
  /** On abort, the run stops within one submit: some tens of milliseconds of device time. */
  readonly signal?: AbortSignal;
  /** Receives the completed fraction, rising to 1. */
  readonly onProgress?: (fraction: number) => void;
  /** Receives how many kernels are compiled, and of how many, while the run waits for them, mostly at the first photo. */
  readonly onCompile?: (compiled: number, total: number) => void;
}

export interface RunOptions extends EnhanceOptions {
  /**
   * The form of the result: 32-bit floats, an `ImageData`, an `ImageBitmap`, a file as a `Blob`, or a canvas to draw
   * on. Default: numbers of the same kind as the source.
   */
  readonly output?: Output;
  /**
   * Allows the run to overwrite the numbers of the source, also if it fails. Saves a copy of the photo; the result may be
   * the same array. Default: false.
   */
  readonly inPlace?: boolean;
  /** Format of a `Blob`. Default: the photo's own if it can be written; otherwise JPEG, or PNG with transparency. */
  readonly format?: PhotoFormat;
  /** Quality of a JPEG or WebP `Blob`, 1 to 100. Default: 92. */
  readonly quality?: number;
}

/** Checks what TypeScript cannot enforce for JavaScript callers. */
export function checkOptions(options: EnhancerOptions): EnhancerOptions {
  if (typeof options !== 'object' || options === null)
    throw new InputError("The enhancer needs options, for example { model: 'nano' }.");
  const { model, device, gpu, policy } = options;
  const isModel =
    typeof model === 'string' ||
    model instanceof URL ||
    model instanceof Uint8Array ||
    model instanceof ArrayBuffer;
  if (!isModel) {
    throw new InputError('model must be a name, a URL, or the bytes of a weight file.');
  }
  if (device !== undefined && typeof device?.createComputePipelineAsync !== 'function')
    throw new InputError('device is not a GPUDevice. Pass the result of requestDevice, or leave it out.');
  if (gpu !== undefined && typeof gpu?.destroy !== 'function')
    throw new InputError('gpu was not opened by openGpu. Pass its result, or leave it out.');
  if (
    policy !== undefined &&
    !(Array.isArray(policy?.gather) && Array.isArray(policy.weightGradient) && policy.streaming)
  )
    throw new InputError('policy is not a kernel policy. Pass the result of policyFor, or leave it out.');
  return options;
}

export function checkRunOptions(options: RunOptions): void {
  if (typeof options !== 'object' || options === null)
    throw new InputError('The options of a run must be an object.');
  const { strength = 1, signal, onProgress, onCompile, output, format, quality, inPlace = false } = options;
  if (typeof strength !== 'number' || !(strength >= 0 && strength <= 1)) {
    throw new InputError(`strength is ${String(strength)}. Give a number from 0 (the photo as it is) to 1.`);
  }
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw new InputError(
      'signal is not an AbortSignal. Pass the signal of an AbortController, or leave it out.',
    );
  if (onProgress !== undefined && typeof onProgress !== 'function')
    throw new InputError(
      'onProgress is not a function. Pass one that takes the completed fraction, or leave it out.',
    );
  if (onCompile !== undefined && typeof onCompile !== 'function')
    throw new InputError('onCompile is not a function. Pass one that takes two numbers, or leave it out.');
  if (typeof inPlace !== 'boolean') throw new InputError('inPlace must be true or false, or left out.');
  checkOutput(output);
  checkEncoding(format, quality);
}

export const encodingOf = ({ format, quality }: RunOptions): Encoding => ({
  ...(format !== undefined && { format }),
  ...(quality !== undefined && { quality }),
});
