/**
 * IEEE 754 half precision, for which Node 20 and many browsers have no array type. Conversions are exact where half
 * precision is; otherwise they round to nearest, ties to even.
 */

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The 16 bits nearest to a number; infinity beyond 65504. */
export function toHalf(value: number): number {
  float[0] = value;
  const word = bits[0]!;
  const sign = (word >>> 16) & 0x8000;
  const magnitude = word & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // NaN
  if (magnitude >= 0x47800000) return sign | 0x7c00; // 65536 and beyond
  if (magnitude < 0x38800000) {
    // Below 2^-14: a multiple of 2^-24. Adding 0.5 leaves that multiple, rounded, in the last bits.
    float[0] = Math.abs(float[0]!) + 0.5;
    return sign | (bits[0]! - 0x3f000000);
  }
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
  return sign | ((rounded - 0x38000000) >>> 13);
}

/** The number represented by 16 bits. */
export function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The largest finite half-precision number. */
export const LARGEST_HALF = 65504;

/** The 16 bits of each number. */
export function toHalves(values: Float32Array): Uint16Array<ArrayBuffer> {
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) halves[i] = toHalf(values[i]!);
  return halves;
}

let numbers: Float32Array | undefined;

/** The number represented by each 16 bits. */
export function fromHalves(halves: Uint16Array): Float32Array<ArrayBuffer> {
  numbers ??= Float32Array.from({ length: 0x10000 }, (_, half) => fromHalf(half));
  const values = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) values[i] = numbers[halves[i]!]!;
  return values;
}
