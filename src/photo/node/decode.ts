import { sharp } from '../../sharp-node';
import { linearToSrgb, Tabulated } from '../../srgb';
import { profileSpace } from '../icc-profile';
import type { Channels, RasterImage } from '../image';
import { isUsableProfile, XYZ_TO_SRGB } from '../pixel-codec';
import { type HdrTransfer, hdrToLight, toneMap } from '../signalled-colour';
import type { TiffPixels } from '../tiff';
import { coloursOf, decodingError, isFloating, isLab, OPTIONS, type OpenedPhoto } from './open';

type Image = RasterImage<Uint8Array | Uint16Array> & { readonly channels: Channels };

interface Decoded {
  readonly image: Image;
  /** Changes made while decoding, as text for the user. */
  readonly notes: readonly string[];
}

/**
 * The pixels of a photo as stored, not turned.
 *
 * @throws {InputError} naming the file, when it is damaged.
 */
export async function decodePixels(opened: OpenedPhoto, name: string): Promise<Decoded> {
  const plan = planDecoding(opened);
  const { tiff, bytes, facts, file } = opened;
  try {
    if (tiff && isFloating(tiff)) return await decodeFloating(opened, tiff);
    const hasMore = tiff !== undefined && tiff.samples > coloursOf(tiff) + 1;
    const source = sharp(bytes, { ...OPTIONS, ignoreIcc: !plan.isConverted });
    if (!facts.hasAlpha && !hasMore) source.removeAlpha();
    const { data, info } = await source
      .toColourspace(plan.space)
      .raw({ depth: plan.is16Bit ? 'ushort' : 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const { width, height } = info;
    const plain = new Uint8Array(data.buffer, data.byteOffset, data.length);
    const samples = plan.is16Bit ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : plain;
    const raw = { data: samples, channels: info.channels as number, width, height };
    const notes = [...plan.notes];
    const picture =
      hasMore && tiff ? withoutExtraChannels(raw, tiff, notes) : plan.isGreyAlpha ? greyAndAlpha(raw) : raw;
    const image = {
      ...picture,
      channels: picture.channels as Channels,
      ...(plan.profile && { profile: plan.profile }),
    };
    if (tiff && isLab(tiff))
      return { image: fromLab(image, tiff), notes: [...notes, 'is LAB; converted to sRGB'] };
    const { hdr, notes: doubts = [] } = file.colour ?? {};
    return { image: hdr ? toStandardRange(image, hdr, notes) : image, notes: [...notes, ...doubts] };
  } catch (cause) {
    throw decodingError(name, cause);
  }
}

interface DecodingPlan {
  /** The colour space to request from sharp. */
  readonly space: 'srgb' | 'rgb16' | 'b-w' | 'grey16';
  readonly is16Bit: boolean;
  /** sharp drops the alpha of grey pictures, so RGBA is requested. */
  readonly isGreyAlpha: boolean;
  /** Converted through the file's profile to sRGB, because the numbers cannot be used directly. */
  readonly isConverted: boolean;
  readonly profile?: Uint8Array;
  readonly notes: readonly string[];
}

const COLOUR_SPACES = ['srgb', 'rgb', 'rgb16'];
const GREY_SPACES = ['b-w', 'grey16'];
const SPACES = { grey: { 8: 'b-w', 16: 'grey16' }, rgb: { 8: 'srgb', 16: 'rgb16' } } as const;

/** Numbers stay unconverted wherever the result can be converted back to them. */
function planDecoding({ facts, file }: OpenedPhoto): DecodingPlan {
  const { space, depth, hasAlpha } = facts;
  const isGrey = GREY_SPACES.includes(space);
  const isGreyAlpha = isGrey && hasAlpha;
  const convert = (what: string): DecodingPlan => ({
    space: isGrey && !hasAlpha ? 'b-w' : 'srgb',
    is16Bit: false,
    isGreyAlpha,
    isConverted: true,
    notes: [`${what}; converted to sRGB, 8 bits a channel`],
  });
  if (!isGrey && !COLOUR_SPACES.includes(space)) return convert(`is ${space.toUpperCase()}`);
  if (depth !== 'uchar' && depth !== 'ushort') return convert(`has channels of type ${depth}`);
  const own = file.metadata.profile ?? facts.icc;
  const profile = file.colour ? file.colour[isGrey ? 'greyProfile' : 'profile'] : own;
  const misfit = profile && profileMisfit(profile, isGrey);
  if (profile && !misfit && !isUsableProfile(profile, isGrey))
    return convert('has a table-based colour profile');
  const is16Bit = depth === 'ushort';
  return {
    space: SPACES[isGrey && !hasAlpha ? 'grey' : 'rgb'][is16Bit ? 16 : 8],
    is16Bit,
    isGreyAlpha,
    isConverted: false,
    ...(profile && !misfit && { profile }),
    notes: misfit ? [`${misfit} and is left out; sRGB is assumed`] : [],
  };
}

/** The reason why a profile cannot belong to the picture. */
function profileMisfit(profile: Uint8Array, isGrey: boolean): string | undefined {
  const space = profileSpace(profile);
  if (space === undefined) return 'has a damaged colour profile';
  const fits = space === (isGrey ? 'GRAY' : 'RGB ');
  return fits ? undefined : `has a colour profile for ${space.trim()} that does not fit the picture`;
}

interface Raw {
  readonly data: Uint8Array | Uint16Array;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

const arrayLike = <T extends Uint8Array | Uint16Array>(data: T, length: number): T =>
  (data instanceof Uint16Array ? new Uint16Array(length) : new Uint8Array(length)) as T;

/** From RGBA whose colours are grey. */
function greyAndAlpha({ data: rgba, ...size }: Raw): Raw {
  const data = arrayLike(rgba, rgba.length / 2);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 2) {
    data[to] = rgba[from]!;
    data[to + 1] = rgba[from + 3]!;
  }
  return { ...size, data, channels: 2 };
}

/** Keeps the colours and, if one of the other samples is alpha, that one. */
function withoutExtraChannels({ data, channels, ...size }: Raw, tiff: TiffPixels, notes: string[]): Raw {
  const colours = Math.min(coloursOf(tiff), 3);
  const alpha = tiff.extraSamples.findIndex((kind) => kind === 1 || kind === 2);
  const kept = Array.from({ length: colours }, (_, c) => c);
  if (alpha >= 0 && colours + alpha < channels) kept.push(colours + alpha);
  const picked = arrayLike(data, (data.length / channels) * kept.length);
  for (let from = 0, to = 0; from < data.length; from += channels)
    for (const c of kept) picked[to++] = data[from + c]!;
  notes.push(
    `has ${channels} channels; ${channels - kept.length} beyond colour and transparency are left out`,
  );
  return { ...size, data: picked, channels: kept.length };
}

/** Numbers of 0 to 1 in the profile's encoding, as 16 bits. */
async function decodeFloating({ bytes, file }: OpenedPhoto, tiff: TiffPixels): Promise<Decoded> {
  const { data, info } = await sharp(bytes, { ...OPTIONS, ignoreIcc: true })
    .toColourspace(coloursOf(tiff) === 1 ? 'b-w' : 'scrgb')
    .raw({ depth: 'float' })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const values = new Float32Array(data.buffer, data.byteOffset, data.length / 4);
  const samples = new Uint16Array(values.length);
  let clipped = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!(value >= 0 && value <= 1)) clipped++;
    samples[i] = Math.round(0xffff * Math.min(Math.max(value, 0), 1)) || 0;
  }
  const notes = ['has 32-bit floating-point channels; reduced to 16 bits'];
  if (clipped > 0) notes.push(`${clipped} values below black or above white are clipped`);
  const raw: Raw = { data: samples, width, height, channels };
  const picture = channels > coloursOf(tiff) + 1 ? withoutExtraChannels(raw, tiff, notes) : raw;
  const { profile } = file.metadata;
  const image = { ...picture, channels: picture.channels as Channels, ...(profile && { profile }) } as Image;
  return { image, notes };
}

/** CIE Lab relative to D50, as in TIFF, to sRGB of the same depth. */
function fromLab(image: Image, { photometric }: TiffPixels): Image {
  const { data, channels } = image;
  const is16Bit = data instanceof Uint16Array;
  const [most, whole, half] = is16Bit ? [0xffff, 0x10000, 0x8000] : [0xff, 0x100, 0x80];
  // ICCLab has zero of a and b in the middle; CIELab uses signed numbers.
  const opponent = (value: number) =>
    (photometric === 9 ? value - half : value < half ? value : value - whole) / (whole / 0x100);
  const result = arrayLike(data, data.length);
  result.set(data);
  const unbend = (t: number) => (t > 6 / 29 ? t ** 3 : 3 * (6 / 29) ** 2 * (t - 4 / 29));
  const m = XYZ_TO_SRGB;
  for (let at = 0; at < data.length; at += channels) {
    const f = ((100 * data[at]!) / most + 16) / 116;
    const x = 0.9642 * unbend(f + opponent(data[at + 1]!) / 500);
    const y = unbend(f);
    const z = 0.8249 * unbend(f - opponent(data[at + 2]!) / 200);
    for (let c = 0; c < 3; c++) {
      const light = m[3 * c]! * x + m[3 * c + 1]! * y + m[3 * c + 2]! * z;
      result[at + c] = Math.round(most * linearToSrgb(Math.min(Math.max(light, 0), 1)));
    }
  }
  return { ...image, data: result };
}

/** From HDR to 16 bits with the sRGB curve. */
function toStandardRange(image: Image, transfer: HdrTransfer, notes: string[]): Image {
  const { data, channels } = image;
  const colours = channels < 3 ? 1 : 3;
  const most = data instanceof Uint16Array ? 0xffff : 0xff;
  const toLight = hdrToLight(transfer);
  const encode = new Tabulated(linearToSrgb, 0x10000);
  const result = new Uint16Array(data.length);
  const rgb = new Float64Array(3);
  for (let at = 0; at < data.length; at += channels) {
    for (let c = 0; c < 3; c++) rgb[c] = data[at + Math.min(c, colours - 1)]! / most;
    toLight(rgb);
    toneMap(rgb);
    for (let c = 0; c < colours; c++)
      result[at + c] = Math.round(0xffff * Math.min(Math.max(encode.at(rgb[c]!), 0), 1));
    if (channels > colours) result[at + colours] = Math.round((0xffff * data[at + colours]!) / most);
  }
  notes.push(
    `is HDR (${transfer}); converted to standard range as browsers do, with light above 1000 cd/m² clipped`,
  );
  return { ...image, data: result };
}
