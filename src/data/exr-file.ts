import { FloatType } from 'three';
import { EXRLoader } from 'three/addons/loaders/EXRLoader.js';
import { InputError } from '../errors';
import { latin1 } from '../photo/bytes';
import type { LinearImage } from './image';

/**
 * Decodes OpenEXR (all of its compressions, scanlines and tiles) with three's loader. Values are as stored.
 *
 * A truncated file is refused at once. A file whose Huffman tables (PIZ, DWA) were altered can keep the loader busy
 * forever, which cannot be detected beforehand; `WatchedWorker` ends it.
 *
 * @throws InputError for a truncated or damaged file, and for channels other than R, G, B or Y.
 */
export function decodeExr(bytes: Uint8Array): LinearImage {
  const { pixels, samples } = checkHeader(bytes);
  if (2 * samples > MOST_BYTES_A_BYTE * bytes.length) {
    throw new InputError(
      `OpenEXR file that claims ${(pixels / 1e6).toFixed(0)} megapixels in ${bytes.length} bytes, more than it can hold`,
    );
  }
  const loader = new EXRLoader().setDataType(FloatType);
  let texture: ReturnType<EXRLoader['parse']>;
  try {
    texture = loader.parse(bytes.slice().buffer);
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^THREE\.EXRLoader: /, '') : String(error);
    throw unusable(reason, error);
  }
  return fromBottomUpRgba(texture.data as Float32Array, texture.width as number, texture.height as number);
}

/** Number of pixels that a file claims; 0 if its header cannot be read. */
export function claimedExrPixels(bytes: Uint8Array): number {
  try {
    return checkHeader(bytes).pixels;
  } catch {
    return 0;
  }
}

/** The format's limit on names in the header. */
const LONGEST_NAME = 255;

/** Deflate, the strongest of its compressions on uniform pictures, reaches 1032. */
const MOST_BYTES_A_BYTE = 4096;

function unusable(reason: string, cause?: unknown): InputError {
  return new InputError(`OpenEXR file truncated, damaged or of an unsupported kind (${reason})`, { cause });
}

/**
 * Walks the header's attributes (name, type, size, value), because the loader never returns from a truncated header.
 * Returns the pixels that the largest part claims, and its samples over all channels.
 */
function checkHeader(bytes: Uint8Array): { pixels: number; samples: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 8;
  let [pixels, channels] = [0, 1];
  const readText = (): string => {
    const end = bytes.indexOf(0, at);
    if (end < 0) throw unusable('its header has no end');
    const text = String.fromCharCode(...bytes.subarray(at, Math.min(end, at + LONGEST_NAME)));
    at = end + 1;
    return text;
  };
  const isMultiPart = ((bytes[5] ?? 0) & 16) !== 0;
  for (let attributes = 0; ; ) {
    const name = readText();
    if (name === '') {
      // An empty name ends the header of a part; a second one ends all headers.
      if (!isMultiPart || attributes === 0) return { pixels, samples: pixels * channels };
      attributes = 0;
      continue;
    }
    readText();
    if (at + 4 > bytes.length) throw unusable('its header has no end');
    const length = view.getUint32(at, true);
    if (at + 4 + length > bytes.length) throw unusable('its header has no end');
    if (name === 'dataWindow' && length === 16) {
      const [left = 0, top = 0, right = 0, bottom = 0] = [4, 8, 12, 16].map((i) =>
        view.getInt32(at + i, true),
      );
      pixels = Math.max(pixels, (right - left + 1) * (bottom - top + 1));
    }
    // Each channel takes a name of at least one letter, a terminator, and 16 bytes.
    if (name === 'channels') {
      channels = Math.max(channels, Math.floor(length / 18));
      checkChannels(bytes.subarray(at + 4, at + 4 + length));
    }
    at += 4 + length;
    attributes++;
  }
}

/** Each channel is a name, a terminator and 16 bytes. The loader would treat luminance and chroma as colours. */
function checkChannels(list: Uint8Array): void {
  for (let at = 0; at < list.length && list[at] !== 0; ) {
    const end = list.indexOf(0, at);
    if (end < 0) return;
    const name = latin1(list, at, Math.min(end, at + LONGEST_NAME));
    if (name === 'RY' || name === 'BY')
      throw unusable('its channels are luminance and chroma (Y, RY, BY); save it as RGB');
    at = end + 1 + 16;
  }
}

/** The loader returns RGBA from the bottom row upwards. */
function fromBottomUpRgba(rgba: Float32Array, width: number, height: number): LinearImage {
  const data = new Float32Array(3 * width * height);
  let to = 0;
  for (let y = height - 1; y >= 0; y--) {
    for (let from = 4 * y * width, end = from + 4 * width; from < end; from += 4) {
      data[to++] = rgba[from] as number;
      data[to++] = rgba[from + 1] as number;
      data[to++] = rgba[from + 2] as number;
    }
  }
  return { width, height, data };
}
