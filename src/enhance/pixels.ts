import { applyToneCurve, type ToneCurve } from '../photo/finish';
import type { CheckedImage, Samples } from '../photo/image';
import type { PixelCodec } from '../photo/pixel-codec';
import { keepHueOf } from './hue';
import type { Rectangle, Span } from './tiles';

const length = ({ start, end }: Span): number => end - start;
const clamp = (value: number): number => Math.min(Math.max(value, 0), 1);

/**
 * A window as planar sRGB in [0, 1], dense [1, 3, height, width]. Beyond the right and bottom borders the photo is
 * mirrored, including its last pixel (period 2 x side, so that a photo of any size fills any window). The paper
 * resizes to a multiple of 16 and back, which blurs every pixel. Mirroring leaves the photo unchanged and, unlike
 * repeating the border, continues its texture. The extra pixels are cropped at the end.
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

interface Blend {
  readonly window: Rectangle;
  readonly core: Rectangle;
  readonly strength: number;
  readonly keepHue: boolean;
  readonly tone: ToneCurve | null;
}

/**
 * Blends the network's output for a window into the result: clipped to [0, 1], finished, corrected to the photo's hue
 * if requested, mixed with the photo by strength, rounded once, and kept off black and white unless the photo's own
 * number was there. Colours outside sRGB were clipped before the network saw them; the clipped difference is added
 * back. Writes only the part of `core` inside the photo, and not its alpha.
 */
export function blendCore(
  planes: Float32Array,
  { window, core, strength, keepHue, tone }: Blend,
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
      for (let c = 0; c < 3; c++) {
        seen[c] = clamp(rgb[c]!);
        enhanced[c] = clamp(planes[c * plane + from]!);
      }
      if (tone) {
        applyToneCurve(tone, enhanced);
        for (let c = 0; c < 3; c++) enhanced[c] = clamp(enhanced[c]!);
      }
      if (keepHue) keepHueOf(seen, enhanced);
      for (let c = 0; c < 3; c++) rgb[c]! += strength * (enhanced[c]! - seen[c]!);
      codec.encode(rgb, result, at);
      keepOffEnds(photo, result, at);
    }
  }
}

/** Avoids new clipping: numbers come no closer to the ends than one 8-bit level, or than the photo's own. */
function keepOffEnds({ data, channels }: CheckedImage, result: Samples, at: number): void {
  const most = data instanceof Uint16Array ? 0xffff : 0xff;
  const level = most / 0xff;
  const end = at + (channels < 3 ? 1 : 3);
  for (let i = at; i < end; i++) {
    const before = data[i]!;
    result[i] = Math.min(Math.max(result[i]!, Math.min(before, level)), Math.max(before, most - level));
  }
}
