/** Three rows of three. */
type Matrix = readonly number[];

/** How an 8-bit photo's numbers stand for colours, as the shaders take it; null: they are sRGB. */
export interface ProfileTables {
  /** Light of each number, 256 for each channel. */
  readonly light: readonly Float64Array[];
  /** Light half-way between a number and the next, 255 for each channel, rising. */
  readonly borders: readonly Float64Array[];
  /** From light in the photo's primaries to light in sRGB's, and back. */
  readonly toSrgb: Matrix;
  readonly fromSrgb: Matrix;
}

const LIGHT = 25;
const BORDERS = LIGHT + 768;
export const PROFILE_BYTES = 4 * 1564;

/** The struct `Profile` of the shaders. */
export function encodeProfile(tables: ProfileTables | null): Float32Array<ArrayBuffer> {
  const words = new Float32Array(PROFILE_BYTES / 4);
  new Uint32Array(words.buffer)[LIGHT - 1] = Number(tables === null);
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

/** What becomes of a network's values. */
export interface Finishing {
  readonly strength: number;
  readonly keepHue: boolean;
  /** What finishes the network's picture (`src/photo/finish.ts`); null for nothing. */
  readonly tone: {
    readonly black: number;
    readonly white: number;
    readonly exponent: number;
    readonly share: number;
    readonly chroma: number;
  } | null;
}

/** A curve of which nothing is taken. */
const NO_TONE = { black: 0, white: 1, exponent: 1, share: 0, chroma: 0 };

export const FINISH_BYTES = 28;

/** Writes the struct `Finish` of the shaders to the beginning of a block of settings. */
export function encodeFinishing({ strength, keepHue, tone }: Finishing, block: DataView): void {
  const { black, white, exponent, share, chroma } = tone ?? NO_TONE;
  block.setFloat32(0, strength, true);
  block.setUint32(4, Number(keepHue), true);
  for (const [at, value] of [black, white, exponent, share, chroma].entries()) {
    block.setFloat32(8 + 4 * at, value, true);
  }
}
