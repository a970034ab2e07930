import type { RgbaImage } from './image';
import type { Span } from './tiles';

/** A rectangle of pixels. */
export interface Rectangle {
  readonly rows: Span;
  readonly columns: Span;
}

const length = ({ start, end }: Span): number => end - start;

/**
 * A window as planar RGB in [0, 1], dense [1, 3, height, width]. Beyond the right and the bottom border the
 * photo is mirrored, its last pixel included (period 2 x side, so that any size from one pixel fills any
 * window). The paper resizes to a multiple of 16 and back, which blurs every pixel; mirrored pixels keep the
 * photo as it is and, unlike repeated ones, have its texture. They are cropped in the end.
 */
export function readWindow(image: RgbaImage, { rows, columns }: Rectangle): Float32Array<ArrayBuffer> {
  const [height, width] = [length(rows), length(columns)];
  const planes = new Float32Array(3 * height * width);
  const plane = height * width;
  const offsets = Uint32Array.from({ length: width }, (_, x) => 4 * mirror(columns.start + x, image.width));
  for (let y = 0; y < height; y++) {
    const row = 4 * image.width * mirror(rows.start + y, image.height);
    for (let x = 0; x < width; x++) {
      const from = row + offsets[x]!;
      const to = y * width + x;
      planes[to] = image.data[from]! / 255;
      planes[to + plane] = image.data[from + 1]! / 255;
      planes[to + 2 * plane] = image.data[from + 2]! / 255;
    }
  }
  return planes;
}

function mirror(at: number, size: number): number {
  const phase = at % (2 * size);
  return phase < size ? phase : 2 * size - 1 - phase;
}

/**
 * Blends the network's values for a window into the result: clipped to [0, 1], mixed with the photo by
 * strength, rounded once to 8 bits, alpha from the photo. Only the part of `core` that lies in the photo.
 */
export function blendCore(
  planes: Float32Array,
  { window, core, strength }: { window: Rectangle; core: Rectangle; strength: number },
  photo: RgbaImage,
  result: Uint8ClampedArray,
): void {
  const [height, width] = [length(window.rows), length(window.columns)];
  const bottom = Math.min(core.rows.end, photo.height);
  const right = Math.min(core.columns.end, photo.width);
  for (let y = core.rows.start; y < bottom; y++) {
    for (let x = core.columns.start; x < right; x++) {
      const at = 4 * (y * photo.width + x);
      const from = (y - window.rows.start) * width + (x - window.columns.start);
      for (let c = 0; c < 3; c++) {
        const value = Math.min(Math.max(planes[c * height * width + from]!, 0), 1);
        result[at + c] = Math.round(255 * strength * value + (1 - strength) * photo.data[at + c]!);
      }
      result[at + 3] = photo.data[at + 3]!;
    }
  }
}
