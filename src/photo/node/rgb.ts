import type { Sharp } from 'sharp';
import { sharp } from '../../sharp-node';
import { codecOf } from '../pixel-codec';
import { decodingError, OPTIONS, openPhoto } from './open';
import { decodePhoto } from './photo';

/** 8-bit sRGB, interleaved. */
interface RgbPicture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/**
 * A photo upright, in 8-bit sRGB, on white where it is transparent, for training and measurements.
 *
 * @param longestSide photos with longer sides are reduced.
 * @throws {InputError} naming the file, as `decodePhoto` does.
 */
export async function decodeRgb(
  bytes: Uint8Array,
  name: string,
  { longestSide }: { readonly longestSide?: number } = {},
): Promise<RgbPicture> {
  const { file, tiff, bytes: mended } = await openPhoto(bytes, name);
  // sharp may convert the files that it reads correctly.
  const isPlain = !tiff && !file.colour?.profile && !file.colour?.hdr;
  const picture = isPlain ? sharp(mended, OPTIONS).autoOrient() : await converted(bytes, name);
  try {
    picture.flatten({ background: '#fff' });
    if (longestSide) picture.resize(longestSide, longestSide, { fit: 'inside', withoutEnlargement: true });
    const { data, info } = await picture
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data: new Uint8Array(data) };
  } catch (cause) {
    throw decodingError(name, cause);
  }
}

/** Converted by our own reader and colour code. */
async function converted(bytes: Uint8Array, name: string): Promise<Sharp> {
  const { image } = await decodePhoto(bytes, name);
  const { data, width, height, channels } = image;
  const codec = codecOf(image);
  const hasAlpha = channels % 2 === 0;
  const most = data instanceof Uint16Array ? 257 : 1;
  const rgba = new Uint8Array(4 * width * height);
  const rgb = new Float64Array(3);
  for (let from = 0, to = 0; from < data.length; from += channels, to += 4) {
    codec.decode(data, from, rgb);
    for (let c = 0; c < 3; c++) rgba[to + c] = Math.round(255 * Math.min(Math.max(rgb[c]!, 0), 1));
    rgba[to + 3] = hasAlpha ? Math.round(data[from + channels - 1]! / most) : 255;
  }
  return sharp(rgba, { raw: { width, height, channels: 4 } });
}
