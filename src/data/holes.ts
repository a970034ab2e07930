/**
 * Fills pixels that have no usable value with the mean of their usable 8 neighbours, in place, from the rim of
 * each hole inwards.
 *
 * @param data RGB interleaved, `width` pixels to a row.
 * @param holes indices of the pixels to fill, not all of them.
 */
export function fillHoles(data: Float32Array, width: number, holes: readonly number[]): void {
  const height = data.length / 3 / width;
  const open = new Set(holes);
  while (open.size > 0) {
    const rim: { readonly pixel: number; readonly colour: readonly number[] }[] = [];
    for (const pixel of open) {
      const colour = neighbourMean(data, width, height, pixel, open);
      if (colour) rim.push({ pixel, colour });
    }
    if (rim.length === 0) return;
    for (const { pixel, colour } of rim) {
      data.set(colour, 3 * pixel);
      open.delete(pixel);
    }
  }
}

function neighbourMean(
  data: Float32Array,
  width: number,
  height: number,
  pixel: number,
  open: ReadonlySet<number>,
): number[] | null {
  const x = pixel % width;
  const y = Math.floor(pixel / width);
  const sum = [0, 0, 0];
  let count = 0;
  for (let v = Math.max(y - 1, 0); v <= Math.min(y + 1, height - 1); v++) {
    for (let u = Math.max(x - 1, 0); u <= Math.min(x + 1, width - 1); u++) {
      const neighbour = v * width + u;
      if (open.has(neighbour)) continue;
      for (let c = 0; c < 3; c++) sum[c] = (sum[c] as number) + (data[3 * neighbour + c] as number);
      count++;
    }
  }
  return count > 0 ? sum.map((value) => value / count) : null;
}
