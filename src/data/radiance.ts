import { InputError } from '../errors';

/** Pixels as stored: value = mantissa * 2^(exponent - 136). */
interface Rgbe {
  readonly width: number;
  readonly height: number;
  /** width * height * 3 values, unchecked. */
  readonly data: Float32Array;
}

const SCALES = Float64Array.from({ length: 256 }, (_, e) => (e === 0 ? 0 : 2 ** (e - 136)));

/** Run lengths pack 16 pixels into a byte; a header that claims far more would only waste memory. */
const MAX_PIXELS_PER_BYTE = 64;

/**
 * Decodes Radiance RGBE (.hdr, .pic): run-length encoded, in the older run-length form, or flat (G. Ward, "Real
 * pixels", Graphics Gems II, 1991). The header's EXPOSURE is ignored: it scales the whole picture, and every exposure
 * here is relative to the picture's own mean.
 *
 * three's loader is not used for this format because it reads old run-length files as flat, fills truncated ones with
 * black, and scales by 1/255 instead of 1/256.
 *
 * @throws InputError for other formats and truncated files.
 */
export function decodeRadiance(bytes: Uint8Array): Rgbe {
  const { width, height, flipX, flipY, pixelsAt } = readHeader(bytes);
  if (width * height > MAX_PIXELS_PER_BYTE * bytes.length) {
    throw new InputError(
      `Damaged Radiance file: ${width}x${height} pixels do not fit in ${bytes.length} bytes`,
    );
  }
  const data = new Float32Array(3 * width * height);
  const scanline = new Uint8Array(4 * width);
  let at = pixelsAt;
  for (let y = 0; y < height; y++) {
    at = readScanline(bytes, at, scanline, width);
    const row = 3 * width * (flipY ? height - 1 - y : y);
    for (let x = 0; x < width; x++) {
      const scale = SCALES[scanline[4 * x + 3] as number] as number;
      const to = row + 3 * (flipX ? width - 1 - x : x);
      data[to] = (scanline[4 * x] as number) * scale;
      data[to + 1] = (scanline[4 * x + 1] as number) * scale;
      data[to + 2] = (scanline[4 * x + 2] as number) * scale;
    }
  }
  return { width, height, data };
}

/** Number of pixels that a file claims; 0 if its header cannot be read. */
export function claimedRadiancePixels(bytes: Uint8Array): number {
  try {
    const { width, height } = readHeader(bytes);
    return width * height;
  } catch {
    return 0;
  }
}

interface Header {
  readonly width: number;
  readonly height: number;
  readonly flipX: boolean;
  readonly flipY: boolean;
  /** Offset of the first pixel. */
  readonly pixelsAt: number;
}

/** Lines of text up to an empty one, then the line with the size. */
function readHeader(bytes: Uint8Array): Header {
  let at = 0;
  const nextLine = (): string => {
    const end = bytes.subarray(0, at + 4096).indexOf(10, at);
    if (end < 0) throw new InputError('Not a usable Radiance file: its header does not end');
    const line = String.fromCharCode(...bytes.subarray(at, end));
    at = end + 1;
    return line.trimEnd();
  };
  nextLine(); // Skips the mark #?, which the caller checked.
  for (let line = nextLine(); line !== ''; line = nextLine()) {
    const format = /^FORMAT\s*=\s*(\S+)/.exec(line)?.[1];
    if (format && format !== '32-bit_rle_rgbe') {
      throw new InputError(
        `Radiance files of format ${format} are not supported; save it as 32-bit_rle_rgbe`,
      );
    }
  }
  const resolution = nextLine();
  const match = /^([-+])Y (\d+) ([-+])X (\d+)$/.exec(resolution);
  const width = Number(match?.[4]);
  const height = Number(match?.[2]);
  if (!(width > 0 && height > 0)) {
    throw new InputError(
      `Not a usable Radiance file: its size reads "${resolution.slice(0, 40)}", not "-Y 512 +X 1024"`,
    );
  }
  return { width, height, flipX: match?.[3] === '-', flipY: match?.[1] === '+', pixelsAt: at };
}

/** Fills one scanline of RGBE pixels; returns the offset after it. */
function readScanline(bytes: Uint8Array, at: number, scanline: Uint8Array, width: number): number {
  const isRunLength =
    width >= 8 &&
    width < 0x8000 &&
    bytes[at] === 2 &&
    bytes[at + 1] === 2 &&
    (bytes[at + 2] as number) < 0x80;
  if (!isRunLength) return readOldScanline(bytes, at, scanline, width);
  if ((((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number)) !== width) throw damaged();
  return readRuns(bytes, at + 4, scanline, width);
}

/** The four components in sequence, each as runs (count > 128) and literals. */
function readRuns(bytes: Uint8Array, start: number, scanline: Uint8Array, width: number): number {
  let at = start;
  for (let component = 0; component < 4; component++) {
    for (let x = 0; x < width; ) {
      const count = bytes[at++];
      if (count === undefined) throw truncated();
      const isRun = count > 128;
      const length = isRun ? count - 128 : count;
      if (length === 0 || x + length > width) throw damaged();
      if (at + (isRun ? 1 : length) > bytes.length) throw truncated();
      for (let end = x + length; x < end; x++) {
        scanline[4 * x + component] = bytes[isRun ? at : at++] as number;
      }
      if (isRun) at++;
    }
  }
  return at;
}

/**
 * Flat pixels, in which (1, 1, 1, n) repeats the previous pixel n times, shifted by 8 bits for each consecutive one.
 */
function readOldScanline(bytes: Uint8Array, start: number, scanline: Uint8Array, width: number): number {
  let at = start;
  let shift = 0;
  for (let x = 0; x < width; at += 4) {
    if (at + 4 > bytes.length) throw truncated();
    if (bytes[at] === 1 && bytes[at + 1] === 1 && bytes[at + 2] === 1) {
      const count = (bytes[at + 3] as number) * 2 ** shift;
      if (x === 0 || x + count > width) throw damaged();
      for (let end = x + count; x < end; x++) scanline.copyWithin(4 * x, 4 * x - 4, 4 * x);
      shift += 8;
    } else {
      scanline.set(bytes.subarray(at, at + 4), 4 * x++);
      shift = 0;
    }
  }
  return at;
}

function truncated(): InputError {
  return new InputError('Truncated Radiance file: pixels are missing; copy or download it again');
}

function damaged(): InputError {
  return new InputError(
    'Damaged Radiance file: its run lengths do not fit its width; copy or download it again',
  );
}
