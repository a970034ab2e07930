import { InputError } from '../errors';
import { type Curve, type Profile, parseProfile, type RgbProfile } from './icc-profile';
import type { CheckedImage, Samples } from './image';
import { invert, type Matrix3, multiply } from './matrix3';
import { linearToSrgb, luminance, srgbToLinear } from './srgb';

/**
 * Between the stored numbers of a picture and sRGB values, which the network works on. Values are encoded
 * (not linear), 0 to 1 within sRGB; colours that sRGB lacks lie outside and come back unharmed: what `decode`
 * gives, `encode` turns into the same numbers.
 */
export interface PixelCodec {
  /** Reads the pixel whose first number is at `at`. */
  decode(data: Samples, at: number, rgb: Float64Array): void;
  /** Writes the nearest numbers, clipped to what the format holds. Does not touch alpha. */
  encode(rgb: Float64Array, data: Samples, at: number): void;
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

/** Whether `codecOf` takes an image with this profile. */
export function isUsableProfile(bytes: Uint8Array, isGrey: boolean): boolean {
  return parseProfile(bytes)?.kind === (isGrey ? 'grey' : 'rgb');
}

function readProfile(bytes: Uint8Array, isGrey: boolean): Profile {
  const profile = parseProfile(bytes);
  if (profile?.kind === (isGrey ? 'grey' : 'rgb')) return profile;
  throw new InputError(
    `image.profile is no ICC profile of ${isGrey ? 'grey' : 'RGB'} by matrix and curves. Convert the picture to ` +
      'sRGB first, and leave the profile out.',
  );
}

function plainCodec(max: number): PixelCodec {
  return {
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

/** Grey has the curve of sRGB unless it brings one of its own; back, it is the luminance of what it became. */
function greyCodec(max: number, curve: Curve = srgbToLinear): PixelCodec {
  const channel = new ChannelCodec(max, curve);
  const decoded = channel.linear.map(linearToSrgb);
  return {
    decode(data, at, rgb) {
      rgb.fill(decoded[data[at]!]!);
    },
    encode(rgb, data, at) {
      const light = luminance(srgbToLinear(rgb[0]!), srgbToLinear(rgb[1]!), srgbToLinear(rgb[2]!));
      data[at] = channel.nearest(light);
    },
  };
}

function rgbCodec(max: number, { curves, toXyz }: RgbProfile): PixelCodec {
  const fromXyz = invert(toXyz);
  if (!fromXyz) throw new InputError('image.profile has primaries that lie on a line. Leave it out.');
  const toSrgb = multiply(XYZ_TO_SRGB, toXyz);
  const fromSrgb = multiply(fromXyz, SRGB_TO_XYZ);
  if (isSrgb(toSrgb, curves)) return plainCodec(max);
  const [red, green, blue] = curves.map((curve) => new ChannelCodec(max, curve)) as Three<ChannelCodec>;
  return {
    decode(data, at, rgb) {
      const r = red.linear[data[at]!]!;
      const g = green.linear[data[at + 1]!]!;
      const b = blue.linear[data[at + 2]!]!;
      for (let c = 0; c < 3; c++) rgb[c] = linearToSrgb(dot(toSrgb, c, r, g, b));
    },
    encode(rgb, data, at) {
      const [r, g, b] = [srgbToLinear(rgb[0]!), srgbToLinear(rgb[1]!), srgbToLinear(rgb[2]!)];
      data[at] = red.nearest(dot(fromSrgb, 0, r, g, b));
      data[at + 1] = green.nearest(dot(fromSrgb, 1, r, g, b));
      data[at + 2] = blue.nearest(dot(fromSrgb, 2, r, g, b));
    },
  };
}

type Three<T> = [T, T, T];

const dot = (m: Matrix3, row: number, r: number, g: number, b: number): number =>
  m[3 * row]! * r + m[3 * row + 1]! * g + m[3 * row + 2]! * b;

/** One channel: numbers to linear light by table, and back by search, whatever the curve. */
class ChannelCodec {
  readonly linear: Float64Array;
  /** Light of the values half-way between neighbouring numbers. */
  readonly #borders: Float64Array;

  constructor(
    private readonly max: number,
    curve: Curve,
  ) {
    this.linear = Float64Array.from({ length: max + 1 }, (_, i) => curve(i / max));
    this.#borders = Float64Array.from({ length: max }, (_, i) => curve((i + 0.5) / max));
  }

  /** The number whose encoded value is nearest. */
  nearest(light: number): number {
    let [low, high] = [0, this.max];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#borders[middle]! <= light) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Columns: the primaries of sRGB adapted to D50 (Bradford), as in the ICC's sRGB profile before rounding. */
const SRGB_TO_XYZ: Matrix3 = [
  0.4360747, 0.3850649, 0.1430804, 0.2225045, 0.7168786, 0.0606169, 0.0139322, 0.0971045, 0.7141733,
];
const XYZ_TO_SRGB = invert(SRGB_TO_XYZ)!;

/** Display P3: the primaries of DCI-P3 (SMPTE RP 431-2) at D65, adapted to D50, with the curve of sRGB. */
const DISPLAY_P3: RgbProfile = {
  kind: 'rgb',
  curves: [srgbToLinear, srgbToLinear, srgbToLinear],
  toXyz: [0.5151187, 0.2919778, 0.1571035, 0.2411892, 0.6922441, 0.0665668, -0.0010505, 0.0418791, 0.7840713],
};

/** Profiles of sRGB differ in the last digits; half an 8-bit step is not worth a conversion. */
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
