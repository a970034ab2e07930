/** Three rows of three. */
type Matrix = readonly number[];

/** What the numbers of an 8-bit photo mean, for the shaders. A photo in sRGB has none. */
interface ProfileTables {
  /** Linear light of each number, 256 per channel. */
  readonly light: readonly Float64Array[];
  /** Linear light half-way between consecutive numbers, 255 per channel, ascending. */
  readonly borders: readonly Float64Array[];
  /** From linear light in the photo's primaries to sRGB's, and back. */
  readonly toSrgb: Matrix;
  readonly fromSrgb: Matrix;
}

const LIGHT = 24;
const BORDERS = LIGHT + 768;
export const PROFILE_BYTES = 4 * 1560;

/** The struct `Profile` of the shaders, which sRGB leaves unread. */
export function encodeProfile(tables: ProfileTables | null): Float32Array<ArrayBuffer> {
  const words = new Float32Array(PROFILE_BYTES / 4);
  if (!tables) return words;
  const { light, borders, toSrgb, fromSrgb } = tables;
  for (const [at, matrix] of [toSrgb, fromSrgb].entries()) {
    for (let row = 0; row < 3; row++) words.set(matrix.slice(3 * row, 3 * row + 3), 12 * at + 4 * row);
  }
  for (let channel = 0; channel < 3; channel++) {
    words.set(light[channel]!, LIGHT + 256 * channel);
    words.set(borders[channel]!, BORDERS + 256 * channel);
  }
  return words;
}

/** How a network's output is finished. */
export interface Finishing {
  readonly strength: number;
  readonly keepHue: boolean;
  /** The curve that finishes the network's picture (`src/photo/finish.ts`); null for none. */
  readonly tone: {
    readonly black: number;
    readonly white: number;
    readonly exponent: number;
    readonly share: number;
    readonly chroma: number;
  } | null;
}

/** A curve without effect. */
const NO_TONE = { black: 0, white: 1, exponent: 1, share: 0, chroma: 0 };

export const FINISH_BYTES = 28;

/** Writes the shaders' struct `Finish` to the start of a block of settings. */
export function encodeFinishing({ strength, keepHue, tone }: Finishing, block: DataView): void {
  const { black, white, exponent, share, chroma } = tone ?? NO_TONE;
  block.setFloat32(0, strength, true);
  block.setUint32(4, Number(keepHue), true);
  for (const [at, value] of [black, white, exponent, share, chroma].entries()) {
    block.setFloat32(8 + 4 * at, value, true);
  }
}
