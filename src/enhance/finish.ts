import { type Finish, finishCurve, lumaHistogram, type ToneCurve } from '../photo/finish';
import type { CheckedImage } from '../photo/image';
import { luma } from '../srgb';

/**
 * How a network's picture is finished. A dark one stays as dark as the network left it, since it may be dark on
 * purpose; a bright one goes half of the way.
 */
const RESULT: Finish = {
  tails: 0.005,
  points: [4, 251],
  leastRange: 60,
  mean: { level: 110, dark: 1, bright: 0.5 },
  chroma: 0.5,
};

/** Mean change of the luma, in levels: up to the first the network has left the photo alone, from the second on not. */
const CHANGE = [10, 30] as const;

/**
 * The curve that finishes a network's picture, from the photo seen as a whole and what the network makes of that. The
 * more the network changed it, the more of the curve: a photo that is left alone stays alone. Null for none.
 *
 * @param before the whole photo, small: 8-bit sRGB, interleaved.
 * @param after what the network makes of it, likewise.
 */
export function finishOf(before: ArrayLike<number>, after: ArrayLike<number>): ToneCurve | null {
  let change = 0;
  for (let i = 0; i < before.length; i += 3) {
    const difference = luma(
      after[i]! - before[i]!,
      after[i + 1]! - before[i + 1]!,
      after[i + 2]! - before[i + 2]!,
    );
    change += Math.abs(difference);
  }
  change /= before.length / 3;
  const [least, full] = CHANGE;
  const share = Math.min((change - least) / (full - least), 1);
  return share > 0 ? { ...finishCurve(lumaHistogram(after), RESULT), share } : null;
}

/** A view [1, 3, size, size] as an 8-bit picture. */
export function pictureOf(
  view: Float32Array,
  size: number,
): CheckedImage & { readonly data: Uint8ClampedArray<ArrayBuffer> } {
  const data = new Uint8ClampedArray(view.length);
  const plane = size * size;
  for (let i = 0; i < plane; i++) {
    for (let c = 0; c < 3; c++) data[3 * i + c] = Math.floor(255 * view[c * plane + i]! + 0.5);
  }
  return { data, width: size, height: size, channels: 3 };
}
