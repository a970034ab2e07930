import code from '../../shaders/photo_pixels.wgsl?raw';
import type { KernelCall, KernelSource } from '../gpu/kernel-call';
import type { KernelContext } from './context';
import { encodeFinishing, FINISH_BYTES, type Finishing } from './photo-profile';
import { bytesOf } from './pointwise';
import { rowWork } from './rows';
import type { Tensor } from './tensor';

const readKernel: KernelSource = { name: 'photo_read', code, entryPoint: 'load' };
const finishKernel: KernelSource = { name: 'photo_finish', code, entryPoint: 'finish' };

/** The part of a photo in a buffer: its first pixel in the whole photo, and its size. */
export interface PhotoPart {
  readonly row: number;
  readonly column: number;
  readonly height: number;
  readonly width: number;
}

/** Values that change from window to window. */
interface PhotoWork {
  readonly photo: { readonly height: number; readonly width: number };
  /** The part in the buffers of photo and result. */
  readonly held: PhotoPart;
  readonly result: PhotoPart;
  readonly window: Pick<PhotoPart, 'row' | 'column'>;
  /** The core, inside photo and window. */
  readonly core: PhotoPart;
}

export const WORK_BYTES = FINISH_BYTES + 14 * 4;

/** The struct `Settings` of the shader. */
export function encodeWork(work: PhotoWork, finishing: Finishing): Uint8Array<ArrayBuffer> {
  const block = new DataView(new ArrayBuffer(WORK_BYTES));
  encodeFinishing(finishing, block);
  const { photo, held, result, window, core } = work;
  const words = [
    ...[photo.height, photo.width, held.row, held.column, held.width],
    ...[result.row, result.column, result.width, window.row, window.column],
    ...[core.row, core.column, core.height, core.width],
  ];
  words.forEach((word, at) => {
    block.setUint32(FINISH_BYTES + 4 * at, word, true);
  });
  return new Uint8Array(block.buffer);
}

/** Buffers of 8-bit pixels and their settings, and the colours of the pixels. */
interface PhotoBuffers<B> {
  /** Whether the pixels are sRGB; otherwise `profile` has their tables. */
  readonly srgb: boolean;
  readonly settings: B;
  readonly profile: B;
  readonly photo: B;
}

/** x [1, 3, H, W] = a window of the photo, as the network sees it. */
export function photoRead<B>(
  context: KernelContext<B>,
  { srgb, settings, profile, photo, x }: PhotoBuffers<B> & { readonly x: Tensor<B> },
): KernelCall<B> {
  return windowCall(context, readKernel, srgb, x, [settings, profile, photo, x.buffer]);
}

/** Writes the network's output for a window, y [1, 3, H, W], as 8-bit pixels of its core. */
export function photoFinish<B>(
  context: KernelContext<B>,
  buffers: PhotoBuffers<B> & { readonly y: Tensor<B>; readonly overflow: B; readonly result: B },
): KernelCall<B> {
  const { srgb, settings, profile, photo, y, overflow, result } = buffers;
  return windowCall(context, finishKernel, srgb, y, [settings, profile, photo, y.buffer, overflow, result]);
}

function windowCall<B>(
  context: KernelContext<B>,
  kernel: KernelSource,
  srgb: boolean,
  window: Tensor<B>,
  bindings: readonly B[],
): KernelCall<B> {
  const [, , height, width] = window.shape;
  const work = rowWork(context, height, width);
  return {
    kernel,
    label: context.label,
    ...work,
    constants: { ...work.constants, SRGB: Number(srgb) },
    params: { ...work.params, x_h: height, x_w: width },
    bindings,
    ...(window.precision && { precision: window.precision }),
    flops: 20 * height * width,
    bytes: 8 * height * width + bytesOf(window),
  };
}
