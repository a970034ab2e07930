import { channelMaximum } from '../image';
import { histogram, luma } from '../metrics/luma';
import { rescaleChannels } from './rescale';

/**
 * Histogram equalisation of a colour picture: the map that flattens the histogram of V = max(R, G, B), applied by
 * scaling all channels by T(V)/V, so that hues stay and nothing clips. Used in the comparison table.
 *
 * @param rgb 8-bit picture, interleaved; the result is a new one.
 */
export function equaliseHistogram(rgb: Uint8Array): Uint8Array {
  const values = channelMaximum(rgb);
  const map = equalisingMap(values);
  return rescaleChannels(
    rgb,
    values,
    values.map((value) => map[value] as number),
  );
}

/** Histogram equalisation of the luma alone: one grey level per pixel. */
export function equaliseLuma(rgb: Uint8Array): Uint8Array {
  const grey = luma(rgb);
  const map = equalisingMap(grey);
  return grey.map((level) => map[level] as number);
}

/**
 * T(k) = floor(255 (C(k) - h0)/(N - h0) + 0.5), where C is the cumulative histogram of N pixels and h0 the count of
 * the lowest level present. A picture with a single level is unchanged.
 */
function equalisingMap(levels: Uint8Array): Uint8Array {
  const counts = histogram(levels);
  const lowest = counts.find((count) => count > 0) ?? 0;
  const map = new Uint8Array(256);
  if (lowest === levels.length) return map.map((_, k) => k);
  let cumulative = 0;
  for (let k = 0; k < 256; k++) {
    cumulative += counts[k] as number;
    map[k] = Math.floor((255 * Math.max(cumulative - lowest, 0)) / (levels.length - lowest) + 0.5);
  }
  return map;
}
