import type { Taps } from '../kernels/photo-view';
import type { CheckedImage } from '../photo/image';
import type { PixelCodec } from '../photo/pixel-codec';

/**
 * The global encoder's input: the whole photo resized to size x size, as planar sRGB in [0, 1] ([1, 3, size, size],
 * dense). Along each axis, reduction averages areas and enlargement is bilinear with half-pixel centres. Both
 * reproduce an image that already has this size, and reducing by two equals the bilinear resize of the training
 * graph, so the encoder sees what it was trained on. A plain bilinear reduction of a large photo would pick a few
 * pixels and alias. Computed on the host in float64, identically on every machine.
 */
export function globalView(image: CheckedImage, codec: PixelCodec, size: number): Float32Array<ArrayBuffer> {
  const columns = axisTaps(image.width, size);
  const rows = axisTaps(image.height, size);
  const view = new Float32Array(3 * size * size);
  const row = new Float64Array(3 * image.width);
  const reduced = new Float64Array(3 * size);
  const sum = new Float64Array(3 * size);
  let reducedRow = -1;
  rows.forEach(({ start, weights }, y) => {
    sum.fill(0);
    weights.forEach((weight, tap) => {
      // Neighbouring outputs share a row; reduce it only once.
      if (reducedRow !== start + tap) {
        readRow(image, codec, start + tap, row);
        reduceRow(row, columns, reduced);
      }
      reducedRow = start + tap;
      for (let i = 0; i < sum.length; i++) sum[i]! += weight * reduced[i]!;
    });
    for (let c = 0; c < 3; c++) {
      for (let x = 0; x < size; x++) view[(c * size + y) * size + x] = sum[3 * x + c]!;
    }
  });
  return view;
}

/** Clipped to the network's input range. */
function readRow(
  { data, width, channels }: CheckedImage,
  codec: PixelCodec,
  y: number,
  row: Float64Array,
): void {
  const rgb = new Float64Array(3);
  for (let x = 0; x < width; x++) {
    codec.decode(data, channels * (y * width + x), rgb);
    for (let c = 0; c < 3; c++) row[3 * x + c] = Math.min(Math.max(rgb[c]!, 0), 1);
  }
}

function reduceRow(row: Float64Array, columns: readonly Taps[], out: Float64Array): void {
  columns.forEach(({ start, weights }, x) => {
    let [r, g, b] = [0, 0, 0];
    let at = 3 * start;
    for (const weight of weights) {
      r += weight * row[at]!;
      g += weight * row[at + 1]!;
      b += weight * row[at + 2]!;
      at += 3;
    }
    out[3 * x] = r;
    out[3 * x + 1] = g;
    out[3 * x + 2] = b;
  });
}

/** The taps that resize an axis from `from` to `to` pixels. */
export function axisTaps(from: number, to: number): Taps[] {
  return Array.from({ length: to }, (_, i) =>
    from > to ? areaTaps(i, from, to) : bilinearTaps(i, from, to),
  );
}

/**
 * The inputs covered by output i, weighted by overlap. In whole numbers until the last division, so the weights are
 * exact.
 */
function areaTaps(i: number, from: number, to: number): Taps {
  const [begin, end] = [i * from, (i + 1) * from];
  const start = Math.floor(begin / to);
  const stop = Math.ceil(end / to);
  const weights = Array.from({ length: stop - start }, (_, k) => {
    const [low, high] = [(start + k) * to, (start + k + 1) * to];
    return (Math.min(high, end) - Math.max(low, begin)) / from;
  });
  return { start, weights };
}

function bilinearTaps(i: number, from: number, to: number): Taps {
  const centre = Math.min(Math.max(((i + 0.5) * from) / to - 0.5, 0), from - 1);
  const start = Math.floor(centre);
  const share = centre - start;
  return { start, weights: share === 0 ? [1] : [1 - share, share] };
}
