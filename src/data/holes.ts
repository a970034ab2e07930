import { luminance } from '../srgb';

/**
 * Fills pixels without a usable value with the colour of their darkest usable 8-neighbour, in place, from the rim of
 * each hole inwards. The darkest, because holes appear where a lossy codec rang below zero beside a light, on the
 * dark side of that edge.
 *
 * @param data RGB interleaved, `width` pixels per row.
 * @param holes indices of the pixels to fill; at least one pixel must not be a hole.
 */
export function fillHoles(data: Float32Array, width: number, holes: readonly number[]): void {
  const height = data.length / 3 / width;
  const open = new Set(holes);
  while (open.size > 0) {
    const rim: { readonly pixel: number; readonly source: number }[] = [];
    for (const pixel of open) {
      const source = darkestNeighbour(data, width, height, pixel, open);
      if (source >= 0) rim.push({ pixel, source });
    }
    if (rim.length === 0) return;
    for (const { pixel, source } of rim) {
      data.copyWithin(3 * pixel, 3 * source, 3 * source + 3);
      open.delete(pixel);
    }
  }
}

/** Index of the neighbour, or -1 if none is usable. */
function darkestNeighbour(
  data: Float32Array,
  width: number,
  height: number,
  pixel: number,
  open: ReadonlySet<number>,
): number {
  const x = pixel % width;
  const y = Math.floor(pixel / width);
  let source = -1;
  let darkest = Infinity;
  for (let v = Math.max(y - 1, 0); v <= Math.min(y + 1, height - 1); v++) {
    for (let u = Math.max(x - 1, 0); u <= Math.min(x + 1, width - 1); u++) {
      const i = v * width + u;
      if (open.has(i)) continue;
      const light = luminance(data[3 * i] as number, data[3 * i + 1] as number, data[3 * i + 2] as number);
      if (light < darkest) {
        darkest = light;
        source = i;
      }
    }
  }
  return source;
}
