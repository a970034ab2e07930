import type { Pair } from '../data/pair';

/** Pairs ready for the device: dense NCHW [batch, 3, patch, patch] in [0, 1]. */
export interface Batch {
  readonly input: Float32Array<ArrayBuffer>;
  readonly target: Float32Array<ArrayBuffer>;
}

/** The part of a pair that training and validation need. */
export type PairPixels = Pick<Pair, 'size' | 'input' | 'target'>;

/** Joins pairs of one size to a batch. */
export function toBatch(pairs: readonly PairPixels[]): Batch {
  return {
    input: toPlanes(pairs.map(({ input }) => input)),
    target: toPlanes(pairs.map(({ target }) => target)),
  };
}

/** Converts the interleaved RGB bytes of each picture to three planes in [0, 1]. */
export function toPlanes(pictures: readonly Uint8Array[]): Float32Array<ArrayBuffer> {
  const planes = new Float32Array(pictures.reduce((sum, { length }) => sum + length, 0));
  let to = 0;
  for (const bytes of pictures) {
    for (let c = 0; c < 3; c++) {
      for (let from = c; from < bytes.length; from += 3) planes[to++] = bytes[from]! / 255;
    }
  }
  return planes;
}

/** Converts three planes to interleaved RGB bytes, clipped to [0, 1] and rounded to 8 bits. */
export function toBytes(planes: Float32Array): Uint8Array {
  const area = planes.length / 3;
  const bytes = new Uint8ClampedArray(planes.length);
  for (let c = 0; c < 3; c++) {
    for (let i = 0; i < area; i++) bytes[3 * i + c] = 255 * planes[c * area + i]!;
  }
  return new Uint8Array(bytes.buffer);
}
