import type { Pair } from '../data/pair';

/** Pairs ready for the device: dense NCHW [pairs, 3, size, size] in [0, 1]. */
export interface Batch {
  readonly input: Float32Array<ArrayBuffer>;
  readonly target: Float32Array<ArrayBuffer>;
}

/** What a pair needs to have to be trained or measured on. */
export type PairPixels = Pick<Pair, 'size' | 'input' | 'target'>;

/** Puts pairs of one size side by side. */
export function toBatch(pairs: readonly PairPixels[]): Batch {
  const length = 3 * pairs[0]!.size ** 2;
  const input = new Float32Array(pairs.length * length);
  const target = new Float32Array(pairs.length * length);
  pairs.forEach((pair, index) => {
    toPlanes(pair.input, input.subarray(index * length, (index + 1) * length));
    toPlanes(pair.target, target.subarray(index * length, (index + 1) * length));
  });
  return { input, target };
}

/** RGB interleaved bytes to three planes in [0, 1]. */
function toPlanes(bytes: Uint8Array, planes: Float32Array): void {
  const area = bytes.length / 3;
  for (let c = 0; c < 3; c++) {
    for (let i = 0; i < area; i++) planes[c * area + i] = bytes[3 * i + c]! / 255;
  }
}

/** Three planes back to RGB interleaved bytes: clipped to [0, 1], rounded to 8 bits. */
export function toBytes(planes: Float32Array): Uint8Array {
  const area = planes.length / 3;
  const bytes = new Uint8ClampedArray(planes.length);
  for (let c = 0; c < 3; c++) {
    for (let i = 0; i < area; i++) bytes[3 * i + c] = 255 * planes[c * area + i]!;
  }
  return new Uint8Array(bytes.buffer);
}
