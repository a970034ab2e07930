import { InputError } from '../errors';
import { luminance } from '../srgb';
import { claimedExrPixels, decodeExr } from './exr-file';
import { fillHoles } from './holes';
import type { LinearImage } from './image';
import { claimedRadiancePixels, decodeRadiance } from './radiance';

/** A decoded HDR file. */
export interface HdrImage extends LinearImage {
  /** Number of NaN or infinite pixels that were replaced. */
  readonly repairedPixels: number;
}

/** A file with a larger share of NaN or infinite pixels is treated as damaged. */
const MAX_BROKEN_SHARE = 0.001;

/**
 * Decodes the bytes of a Radiance (.hdr) or OpenEXR (.exr) file, recognised by content rather than name. Primaries
 * are assumed to be Rec. 709, alpha is dropped, an EXR with luminance only becomes grey.
 *
 * No value stays below zero. A negative channel, as in out-of-gamut colours, becomes zero. A pixel of negative
 * luminance is filled from its neighbours: lossy EXR compression rings beside lamps and the sun. NaN is filled the
 * same way, and infinity becomes the largest finite value (a sun beyond half float), as long as this affects at most
 * one pixel in a thousand.
 *
 * @throws InputError for an empty, truncated, damaged or entirely black file, and for other formats.
 */
export function decodeHdr(bytes: Uint8Array): HdrImage {
  const image = isRadiance(bytes) ? decodeRadiance(bytes) : isExr(bytes) ? decodeExr(bytes) : refuse(bytes);
  return { ...image, repairedPixels: sanitise(image) };
}

/** Number of pixels that a file claims, without decoding it; 0 if unknown. */
export function claimedPixels(bytes: Uint8Array): number {
  if (isRadiance(bytes)) return claimedRadiancePixels(bytes);
  return isExr(bytes) ? claimedExrPixels(bytes) : 0;
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

/** Makes all values finite and non-negative, in place. Returns the number of pixels that were NaN or infinite. */
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
  return new InputError('The picture is black: no pixel is above zero');
}
