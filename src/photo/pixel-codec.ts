import { InputError } from '../errors';
import { linearToSrgb, luminance, srgbToLinear, Tabulated } from '../srgb';
import { type Curve, type Profile, parseProfile, type RgbProfile } from './icc-profile';
import type { CheckedImage, Samples } from './image';
import { invert, type Matrix3, multiply } from './matrix3';

/**
 * Converts between the stored numbers of a picture and sRGB values, which the network works on. Values are encoded
 * (not linear), 0 to 1 within sRGB. Colours outside sRGB lie beyond that range and survive: `encode` reverses
 * `decode` exactly.
 */
export interface PixelCodec {
  /**
   * The same conversion as tables, for devices that convert 8 bits themselves; null if the numbers are plain sRGB.
   * Absent if the host has to convert.
   */
  readonly tables?: CodecTables | null;
  /** Reads the pixel that starts at index `at`. */
  decode(data: Samples, at: number, rgb: Float64Array): void;
  /** Writes the nearest numbers, clipped to the format's range. Does not touch alpha. */
  encode(rgb: Float64Array, data: Samples, at: number): void;
}

/** The conversion of 8-bit RGB as tables. */
interface CodecTables {
  /** Linear light of each number, by channel. */
  readonly light: readonly Float64Array[];
  /** Linear light half-way between each number and the next, by channel. */
  readonly borders: readonly Float64Array[];
  /** Linear light in the photo's primaries to sRGB's, and back. */
  readonly toSrgb: Matrix3;
  readonly fromSrgb: Matrix3;
}

/** @throws {InputError} when the image's profile cannot be used. */
export function codecOf(image: CheckedImage): PixelCodec {
  const { data, channels, profile: bytes, colorSpace } = image;
  const max = data instanceof Uint16Array ? 0xffff : 0xff;
  const isGrey = channels < 3;
  const profile = bytes ? readProfile(bytes, isGrey) : undefined;
  if (isGrey) return greyCodec(max, profile?.kind === 'grey' ? profile.curve : undefined);
  const rgb =
    profile?.kind === 'rgb' ? profile : !bytes && colorSpace === 'display-p3' ? DISPLAY_P3 : undefined;
  return rgb ? rgbCodec(max, rgb) : plainCodec(max);
}

/** Whether `codecOf` accepts an image with this profile. */
export function isUsableProfile(bytes: Uint8Array, isGrey: boolean): boolean {
  return parseProfile(bytes)?.kind === (isGrey ? 'grey' : 'rgb');
}

function readProfile(bytes: Uint8Array, isGrey: boolean): Profile {
  const profile = parseProfile(bytes);
  if (profile?.kind === (isGrey ? 'grey' : 'rgb')) return profile;
  throw new InputError(
    `image.profile is not an ICC profile for ${isGrey ? 'grey' : 'RGB'} with ${isGrey ? 'a curve' : 'matrix and curves'}. Convert the picture to ` +
      'sRGB first, and leave the profile out.',
  );
}

function plainCodec(max: number): PixelCodec {
  return {
    tables: null,
    decode(data, at, rgb) {
      rgb[0] = data[at]! / max;
      rgb[1] = data[at + 1]! / max;
      rgb[2] = data[at + 2]! / max;
    },
    encode(rgb, data, at) {
      for (let c = 0; c < 3; c++) data[at + c] = Math.round(max * Math.min(Math.max(rgb[c]!, 0), 1));
    },
  };
}

/** The sRGB curve in both directions, with errors below 1e-7, a hundredth of a 16-bit step. Created on first use. */
class SrgbCurve {
  static #shared: SrgbCurve | undefined;
  readonly encode = new Tabulated(linearToSrgb, 0x10000);
  readonly decode = new Tabulated(srgbToLinear, 0x4000);

  static shared(): SrgbCurve {
    SrgbCurve.#shared ??= new SrgbCurve();
    return SrgbCurve.#shared;
  }
}

/** Grey uses the sRGB curve unless it has its own. The result is converted back to grey by its luminance. */
function greyCodec(max: number, curve: Curve = srgbToLinear): PixelCodec {
  const srgb = SrgbCurve.shared();
  const channel = new ChannelCodec(max, curve, srgb);
  const decoded = channel.linear.map(linearToSrgb);
  return {
    decode(data, at, rgb) {
      rgb.fill(decoded[data[at]!]!);
    },
    encode(rgb, data, at) {
      const [r, g, b] = [srgb.decode.at(rgb[0]!), srgb.decode.at(rgb[1]!), srgb.decode.at(rgb[2]!)];
      data[at] = channel.nearest(luminance(r, g, b));
    },
  };
}

function rgbCodec(max: number, { curves, toXyz }: RgbProfile): PixelCodec {
  const fromXyz = invert(toXyz);
  if (!fromXyz) throw new InputError('image.profile has primaries that lie on a line. Leave it out.');
  const toSrgb = multiply(XYZ_TO_SRGB, toXyz);
  const fromSrgb = multiply(fromXyz, SRGB_TO_XYZ);
  if (isSrgb(toSrgb, curves)) return plainCodec(max);
  const srgb = SrgbCurve.shared();
  const [red, green, blue] = curves.map((curve) => new ChannelCodec(max, curve, srgb)) as Three<ChannelCodec>;
  const channels = [red, green, blue];
  const light = channels.map(({ linear }) => linear);
  const borders = channels.map((channel) => channel.borders);
  return {
    ...(max === 0xff && { tables: { light, borders, toSrgb, fromSrgb } }),
    decode(data, at, rgb) {
      const r = red.linear[data[at]!]!;
      const g = green.linear[data[at + 1]!]!;
      const b = blue.linear[data[at + 2]!]!;
      rgb[0] = srgb.encode.at(dot(toSrgb, 0, r, g, b));
      rgb[1] = srgb.encode.at(dot(toSrgb, 1, r, g, b));
      rgb[2] = srgb.encode.at(dot(toSrgb, 2, r, g, b));
    },
    encode(rgb, data, at) {
      const r = srgb.decode.at(rgb[0]!);
      const g = srgb.decode.at(rgb[1]!);
      const b = srgb.decode.at(rgb[2]!);
      data[at] = red.nearest(dot(fromSrgb, 0, r, g, b));
      data[at + 1] = green.nearest(dot(fromSrgb, 1, r, g, b));
      data[at + 2] = blue.nearest(dot(fromSrgb, 2, r, g, b));
    },
  };
}

type Three<T> = [T, T, T];

const dot = (m: Matrix3, row: number, r: number, g: number, b: number): number =>
  m[3 * row]! * r + m[3 * row + 1]! * g + m[3 * row + 2]! * b;

/** One channel: numbers to linear light by table, and back by a corrected guess that works for any curve. */
class ChannelCodec {
  readonly linear: Float64Array;
  /** Linear light half-way between neighbouring numbers. */
  readonly borders: Float64Array;
  /** Guessed numbers for lights spaced evenly on the sRGB curve, which resembles the curves of most photos. */
  readonly #guesses: Tabulated;

  constructor(
    private readonly max: number,
    curve: Curve,
    private readonly srgb: SrgbCurve,
  ) {
    this.linear = Float64Array.from({ length: max + 1 }, (_, i) => curve(i / max));
    this.borders = Float64Array.from({ length: max }, (_, i) => curve((i + 0.5) / max));
    this.#guesses = new Tabulated((encoded) => this.#search(srgbToLinear(encoded)), 0x1000);
  }

  /** The number whose encoded value is nearest. */
  nearest(light: number): number {
    if (!(light > 0 && light < 1)) return this.#search(light);
    const borders = this.borders;
    let number = Math.round(this.#guesses.at(this.srgb.encode.at(light)));
    while (number < this.max && borders[number]! <= light) number++;
    while (number > 0 && borders[number - 1]! > light) number--;
    return number;
  }

  #search(light: number): number {
    let [low, high] = [0, this.max];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.borders[middle]! <= light) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Columns: the primaries of sRGB adapted to D50 (Bradford), as in the ICC's sRGB profile before rounding. */
const SRGB_TO_XYZ: Matrix3 = [
  0.4360747, 0.3850649, 0.1430804, 0.2225045, 0.7168786, 0.0606169, 0.0139322, 0.0971045, 0.7141733,
];
export const XYZ_TO_SRGB = invert(SRGB_TO_XYZ)!;

/** Display P3: the primaries of DCI-P3 (SMPTE RP 431-2) at D65, adapted to D50, with the curve of sRGB. */
const DISPLAY_P3: RgbProfile = {
  kind: 'rgb',
  curves: [srgbToLinear, srgbToLinear, srgbToLinear],
  toXyz: [0.5151187, 0.2919778, 0.1571035, 0.2411892, 0.6922441, 0.0665668, -0.0010505, 0.0418791, 0.7840713],
};

/** sRGB profiles differ in the last digits; half an 8-bit step is not worth a conversion. */
function isSrgb(toSrgb: Matrix3, curves: readonly Curve[]): boolean {
  const levels = [0, 0.1, 0.25, 0.5, 0.75, 1];
  for (const x of levels) {
    for (const y of levels) {
      for (const z of levels) {
        const linear = [curves[0]!(x), curves[1]!(y), curves[2]!(z)] as const;
        const wrong = [x, y, z].some(
          (value, c) => Math.abs(linearToSrgb(dot(toSrgb, c, ...linear)) - value) > 0.5 / 255,
        );
        if (wrong) return false;
      }
    }
  }
  return true;
}
