import { toByte } from './virtual-camera';

/** Quantisation tables of ITU-T T.81 (JPEG), annex K.1, row by row: luminance and chrominance. */
const LUMINANCE = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22,
  29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103,
  121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
];
const CHROMINANCE = [
  17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99,
  99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
  99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
];

/** DCT-II of 8 samples, orthonormal: DCT[8 k + n]. */
const DCT = Float64Array.from({ length: 64 }, (_, i) => {
  const [k, n] = [i >> 3, i & 7];
  return (k === 0 ? Math.SQRT1_2 : 1) * 0.5 * Math.cos(((2 * n + 1) * k * Math.PI) / 16);
});

/**
 * Applies the losses of saving a photo as JPEG, without writing a file: YCbCr, 8 x 8 DCT, quantisation and back
 * (ITU-T T.81; tables scaled to a quality as in the Independent JPEG Group's library), with colour at full
 * resolution. Blocks that reach past the edge repeat the last pixels.
 *
 * @param photo RGB interleaved.
 * @param quality 1 to 100.
 */
export function jpegLoss(photo: Uint8Array, width: number, height: number, quality: number): Uint8Array {
  const area = width * height;
  const planes = toYCbCr(photo);
  for (const [c, table] of [LUMINANCE, CHROMINANCE, CHROMINANCE].entries()) {
    const steps = scaleTable(table, quality);
    const plane = planes.subarray(c * area, (c + 1) * area);
    for (let y = 0; y < height; y += 8) {
      for (let x = 0; x < width; x += 8) quantiseBlock(plane, width, height, x, y, steps);
    }
  }
  return toRgb(planes);
}

function scaleTable(table: readonly number[], quality: number): number[] {
  const scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  return table.map((step) => Math.min(255, Math.max(1, Math.floor((step * scale + 50) / 100))));
}

/** Three planes centred on zero: JFIF's YCbCr minus 128. */
function toYCbCr(photo: Uint8Array): Float64Array {
  const area = photo.length / 3;
  const planes = new Float64Array(photo.length);
  for (let i = 0; i < area; i++) {
    const [r, g, b] = [photo[3 * i]!, photo[3 * i + 1]!, photo[3 * i + 2]!];
    planes[i] = Math.round(0.299 * r + 0.587 * g + 0.114 * b) - 128;
    planes[area + i] = Math.round(-0.168736 * r - 0.331264 * g + 0.5 * b);
    planes[2 * area + i] = Math.round(0.5 * r - 0.418688 * g - 0.081312 * b);
  }
  return planes;
}

function toRgb(planes: Float64Array): Uint8Array {
  const area = planes.length / 3;
  const photo = new Uint8Array(planes.length);
  for (let i = 0; i < area; i++) {
    const y = planes[i]! + 128;
    const [cb, cr] = [planes[area + i]!, planes[2 * area + i]!];
    photo[3 * i] = toByte((y + 1.402 * cr) / 255);
    photo[3 * i + 1] = toByte((y - 0.344136 * cb - 0.714136 * cr) / 255);
    photo[3 * i + 2] = toByte((y + 1.772 * cb) / 255);
  }
  return photo;
}

const block = new Float64Array(64);
const half = new Float64Array(64);

function quantiseBlock(
  plane: Float64Array,
  width: number,
  height: number,
  x0: number,
  y0: number,
  steps: readonly number[],
): void {
  for (let i = 0; i < 64; i++) {
    const [y, x] = [Math.min(y0 + (i >> 3), height - 1), Math.min(x0 + (i & 7), width - 1)];
    block[i] = plane[y * width + x]!;
  }
  transform(block, half, false);
  transform(half, block, false);
  for (let i = 0; i < 64; i++) block[i] = Math.round(block[i]! / steps[i]!) * steps[i]!;
  transform(block, half, true);
  transform(half, block, true);
  for (let i = 0; i < 64; i++) {
    const [y, x] = [y0 + (i >> 3), x0 + (i & 7)];
    if (y < height && x < width) plane[y * width + x] = Math.min(127, Math.max(-128, Math.round(block[i]!)));
  }
}

/** to = (DCT from)^T along columns, or with the inverse DCT. Applied twice it is the two-dimensional transform. */
function transform(from: Float64Array, to: Float64Array, inverse: boolean): void {
  for (let k = 0; k < 8; k++) {
    for (let column = 0; column < 8; column++) {
      let sum = 0;
      for (let n = 0; n < 8; n++) sum += DCT[inverse ? 8 * n + k : 8 * k + n]! * from[8 * n + column]!;
      to[8 * column + k] = sum;
    }
  }
}
