import { InputError } from '../errors';
import { LINEAR_LEVELS, linearToSrgb, Tabulated } from '../srgb';
import { createLinearImage, type LinearImage } from './image';
import { toByte } from './virtual-camera';

/**
 * The format in which photos are sent to workers in every runtime: binary portable pixmap (PPM, `P6`) in 8-bit sRGB,
 * which decodes to the same bits everywhere.
 */
const HEADER = /^P6\n(\d+) (\d+)\n255\n/;

interface RgbPhoto {
  readonly width: number;
  readonly height: number;
  /** 8-bit sRGB, interleaved. */
  readonly data: Uint8Array;
}

export function encodePixmap({ width, height, data }: RgbPhoto): Uint8Array {
  const header = new TextEncoder().encode(`P6\n${width} ${height}\n255\n`);
  const bytes = new Uint8Array(header.length + data.length);
  bytes.set(header);
  bytes.set(data, header.length);
  return bytes;
}

export function isPixmap(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x36; // P6
}

/**
 * The photo in linear light, where white is 1.
 *
 * @throws InputError for data that `encodePixmap` would not write.
 */
export function decodePixmap(bytes: Uint8Array): LinearImage {
  const header = HEADER.exec(new TextDecoder('latin1').decode(bytes.subarray(0, 64)));
  const [width, height] = [Number(header?.[1]), Number(header?.[2])];
  if (!header || !(width * height > 0) || bytes.length !== header[0].length + 3 * width * height) {
    throw new InputError('Not a whole 8-bit pixmap (PPM, P6)');
  }
  const image = createLinearImage(width, height);
  for (let i = 0, at = header[0].length; i < image.data.length; i++, at++) {
    image.data[i] = LINEAR_LEVELS[bytes[at] as number] as number;
  }
  return image;
}

/** Powers are slow; a table with this many steps is accurate to a fraction of a level. */
const TO_SRGB = new Tabulated(linearToSrgb, 0x4000);

/** Linear light as 8-bit sRGB, white at 1, RGB interleaved. */
export function encodePhoto({ data }: LinearImage): Uint8Array {
  return Uint8Array.from(data, (value) => toByte(TO_SRGB.at(value)));
}
