import { keepHueOf } from './hue';
import type { CheckedImage, Samples } from './image';
import type { PixelCodec } from './pixel-codec';
import type { Span } from './tiles';

/** A rectangle of pixels. */
export interface Rectangle {
  readonly rows: Span;
  readonly columns: Span;
}

const length = ({ start, end }: Span): number => end - start;
const clamp = (value: number): number => Math.min(Math.max(value, 0), 1);

/**
 * A window as planar sRGB in [0, 1], dense [1, 3, height, width]. Beyond the right and the bottom border the
 * photo is mirrored, its last pixel included (period 2 x side, so that any size from one pixel fills any
 * window). The paper resizes to a multiple of 16 and back, which blurs every pixel; mirrored pixels keep the
 * photo as it is and, unlike repeated ones, have its texture. They are cropped in the end.
 */
export function readWindow(
  { data, width: photoWidth, height: photoHeight, channels }: CheckedImage,
  codec: PixelCodec,
  { rows, columns }: Rectangle,
): Float32Array<ArrayBuffer> {
  const [height, width] = [length(rows), length(columns)];
  const planes = new Float32Array(3 * height * width);
  const plane = height * width;
  const rgb = new Float64Array(3);
  const offsets = Uint32Array.from(
    { length: width },
    (_, x) => channels * mirror(columns.start + x, photoWidth),
  );
  for (let y = 0; y < height; y++) {
    const row = channels * photoWidth * mirror(rows.start + y, photoHeight);
    for (let x = 0; x < width; x++) {
      codec.decode(data, row + offsets[x]!, rgb);
      const to = y * width + x;
      planes[to] = clamp(rgb[0]!);
      planes[to + plane] = clamp(rgb[1]!);
      planes[to + 2 * plane] = clamp(rgb[2]!);
    }
  }
  return planes;
}

function mirror(at: number, size: number): number {
  const phase = at % (2 * size);
  return phase < size ? phase : 2 * size - 1 - phase;
}

export interface Blend {
  readonly window: Rectangle;
  readonly core: Rectangle;
  readonly strength: number;
  readonly keepHue: boolean;
}

/** How near to black and white a value may come that was neither: one level of 8 bits. */
const MARGIN = 1 / 255;

/** A value of the network, kept off black and white unless the photo is as dark as `low`, as bright as `high`. */
const bounded = (value: number, low: number, high: number): number =>
  Math.min(Math.max(value, Math.min(low, MARGIN)), Math.max(high, 1 - MARGIN));

/**
 * Blends the network's values for a window into the result: kept in [0, 1], and off black and white where the photo
 * is neither, so that nothing is clipped that was not; corrected to the photo's hue if wanted, mixed with the photo by
 * strength, rounded once. What sRGB could not show of a photo's colour was clipped off before the network saw it, and
 * is added again. Only the part of `core` that lies in the photo; alpha is not touched.
 */
export function blendCore(
  planes: Float32Array,
  { window, core, strength, keepHue }: Blend,
  photo: CheckedImage,
  codec: PixelCodec,
  result: Samples,
): void {
  const { channels } = photo;
  const [height, width] = [length(window.rows), length(window.columns)];
  const plane = height * width;
  const bottom = Math.min(core.rows.end, photo.height);
  const right = Math.min(core.columns.end, photo.width);
  const [rgb, seen, enhanced] = [new Float64Array(3), new Float64Array(3), new Float64Array(3)];
  for (let y = core.rows.start; y < bottom; y++) {
    for (let x = core.columns.start; x < right; x++) {
      const at = channels * (y * photo.width + x);
      const from = (y - window.rows.start) * width + (x - window.columns.start);
      codec.decode(photo.data, at, rgb);
      for (let c = 0; c < 3; c++) seen[c] = clamp(rgb[c]!);
      const [r, g, b] = [seen[0]!, seen[1]!, seen[2]!];
      const [least, most] = [Math.min(r, g, b), Math.max(r, g, b)];
      for (let c = 0; c < 3; c++) {
        const value = planes[c * plane + from]!;
        // The hue's correction gives the darkest channel the least value, the brightest the largest.
        enhanced[c] = keepHue ? bounded(value, least, most) : bounded(value, seen[c]!, seen[c]!);
      }
      if (keepHue) keepHueOf(seen, enhanced);
      for (let c = 0; c < 3; c++) rgb[c]! += strength * (enhanced[c]! - seen[c]!);
      codec.encode(rgb, result, at);
    }
  }
}
