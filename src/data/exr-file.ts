import { FloatType } from 'three';
import { EXRLoader } from 'three/addons/loaders/EXRLoader.js';
import { InputError } from '../errors';
import type { LinearImage } from './image';

/**
 * Decodes OpenEXR (all of its compressions, scanlines and tiles) by three's loader. Values are as stored.
 *
 * A truncated file is refused at once. One whose Huffman tables (PIZ, DWA) were altered inside can keep the loader
 * busy for ever: a fault of its own that nothing outside of it can see beforehand (`WatchedWorker` ends it).
 *
 * @throws InputError for a truncated or damaged file, and for channels other than R, G, B or Y.
 */
export function decodeExr(bytes: Uint8Array): LinearImage {
  checkHeader(bytes);
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

function unusable(reason: string, cause?: unknown): InputError {
  return new InputError(`OpenEXR file truncated, damaged or of an unsupported kind (${reason})`, { cause });
}

/** Walks over the header's attributes (name, type, size, value), as the loader does not end on a truncated one. */
function checkHeader(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 8;
  const skipText = (): boolean => {
    const end = bytes.indexOf(0, at);
    if (end < 0) throw unusable('its header has no end');
    const isEmpty = end === at;
    at = end + 1;
    return isEmpty;
  };
  const isMultiPart = ((bytes[5] ?? 0) & 16) !== 0;
  for (let attributes = 0; ; ) {
    if (skipText()) {
      // The header of a part ends with an empty name; all headers together with another one.
      if (!isMultiPart || attributes === 0) return;
      attributes = 0;
      continue;
    }
    skipText();
    if (at + 4 > bytes.length) throw unusable('its header has no end');
    at += 4 + view.getUint32(at, true);
    attributes++;
  }
}

/** The loader's pixels are RGBA from the bottom row upwards. */
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
