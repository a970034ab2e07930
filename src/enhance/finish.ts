import { type Finish, finishCurve, lumaHistogram, type ToneCurve } from '../photo/finish';
import type { CheckedImage } from '../photo/image';
import { luma } from '../srgb';

/**
 * How a network's picture is finished. A dark picture stays as dark as the network left it, since it may be dark on
 * purpose; a bright one moves half of the way.
 */
const RESULT: Finish = {
  tails: 0.005,
  points: [4, 251],
  leastRange: 60,
  mean: { level: 110, dark: 1, bright: 0.5 },
  chroma: 0.5,
};

/**
 * Mean change of luma, in levels: up to the first value the photo counts as unchanged, from the second as fully
 * changed.
 */
const CHANGE = [10, 30] as const;

/**
 * The curve that finishes a network's picture, from the whole photo before and after the network. The more the
 * network changed, the stronger the curve; an unchanged photo gets none, which is null.
 *
 * @param before the whole photo, small: 8-bit sRGB, interleaved.
 * @param after the network's output for it, in the same form.
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

/** Converts a view [1, 3, size, size] to an 8-bit picture. */
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
