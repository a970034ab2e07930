import { InputError } from '../errors';
import { luminance } from '../srgb';
import { decodeExr } from './exr-file';
import { fillHoles } from './holes';
import type { LinearImage } from './image';
import { decodeRadiance } from './radiance';

/** A decoded HDR file. */
export interface HdrImage extends LinearImage {
  /** Pixels that were NaN or infinite and were replaced. */
  readonly repairedPixels: number;
}

/** Above this share of pixels that are no numbers, a file counts as damaged. */
const MAX_BROKEN_SHARE = 0.001;

/**
 * Decodes the bytes of a Radiance (.hdr) or OpenEXR (.exr) file; the content decides, not the name.
 * Primaries are taken for Rec. 709, alpha is dropped, an EXR with luminance alone becomes grey.
 *
 * No value stays below zero: a negative channel becomes zero (colours outside the gamut make them), and a pixel
 * of negative luminance is filled from beside it (lossy EXR compression rings so beside lamps and the sun). NaN
 * is filled likewise, infinity becomes the largest finite value (a sun beyond half float), as long as at most one
 * pixel in a thousand is concerned.
 *
 * @throws InputError for an empty, truncated, damaged or wholly black file, and for what is no HDR file.
 */
export function decodeHdr(bytes: Uint8Array): HdrImage {
  const image = isRadiance(bytes) ? decodeRadiance(bytes) : isExr(bytes) ? decodeExr(bytes) : refuse(bytes);
  return { ...image, repairedPixels: sanitise(image) };
}

function isRadiance(bytes: Uint8Array): boolean {
  return bytes[0] === 0x23 && bytes[1] === 0x3f; // #?
}

function isExr(bytes: Uint8Array): boolean {
  return bytes[0] === 0x76 && bytes[1] === 0x2f && bytes[2] === 0x31 && bytes[3] === 0x01;
}

function refuse(bytes: Uint8Array): never {
  throw new InputError(
    bytes.length === 0
      ? 'The file is empty (0 bytes)'
      : 'Not an HDR file: neither Radiance (.hdr) nor OpenEXR (.exr), whatever its name says',
  );
}

/** Makes all values finite and not negative, in place; returns the number of pixels that were no numbers. */
function sanitise({ data, width }: LinearImage): number {
  const largest = largestFinite(data);
  const holes: number[] = [];
  let broken = 0;
  for (let i = 0; i < data.length; i += 3) {
    const r = data[i] as number;
    const g = data[i + 1] as number;
    const b = data[i + 2] as number;
    if (r >= 0 && g >= 0 && b >= 0 && r + g + b < Infinity) continue;
    if (!Number.isFinite(r + g + b)) broken++;
    for (let c = i; c < i + 3; c++) data[c] = Math.min(Math.max(data[c] as number, 0), largest);
    if (!(luminance(r, g, b) > 0)) holes.push(i / 3);
  }
  const pixels = data.length / 3;
  if (holes.length === pixels) throw noLight();
  if (broken > MAX_BROKEN_SHARE * pixels) {
    throw new InputError(
      `${broken} of ${pixels} pixels are NaN or infinite: the picture is damaged; export it again from its source`,
    );
  }
  fillHoles(data, width, holes);
  return broken;
}

function largestFinite(data: Float32Array): number {
  let largest = 0;
  for (const value of data) if (value > largest && value < Infinity) largest = value;
  if (largest === 0) throw noLight();
  return largest;
}

function noLight(): InputError {
  return new InputError('The picture holds no light: no pixel is above zero');
}
