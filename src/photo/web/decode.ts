import { type ErrorCode, InputError } from '../../errors';
import { isBomb } from '../claimed-size';
import { isComplete, withEndMark } from '../image-header';
import { inspectPhoto, type PhotoFile } from '../inspect';
import { withNeutralOrientation } from '../neutral-orientation';
import { isWiderThanSrgb } from '../wide-gamut';

/** The largest canvas side in current browsers. */
const MAX_SIDE = 16384;
const MAX_PIXELS = 2 ** 28;

/** A photo decoded by the browser and turned upright, and the contents of its file. The caller closes the bitmap. */
interface DecodedFile {
  readonly bitmap: ImageBitmap;
  readonly file: PhotoFile;
  readonly colorSpace: PredefinedColorSpace;
}

/**
 * Decodes a photo and turns it upright.
 *
 * @throws {InputError} with a code for what is wrong with the file.
 */
export async function decodeFile(blob: Blob): Promise<DecodedFile> {
  const bytes = await readBytes(blob);
  const file = await inspectPhoto(bytes);
  const { type, size } = file.header;
  if (type === 'image/x-raw')
    throw photoError('photo-raw', 'is a camera raw file. Convert it to JPEG first.');
  if (!(await isComplete(bytes, file.header)))
    throw photoError('photo-truncated', 'is incomplete. Copy or download it again.');
  if (size) {
    checkSize(size);
    if (isBomb(size.width * size.height, bytes.length)) {
      const claim = `${size.width} x ${size.height} pixels in ${bytes.length} bytes`;
      throw photoError(
        'photo-bomb',
        `claims ${claim}: it is blank, or made to exhaust memory. It is not decoded.`,
      );
    }
  }
  const profile = file.colour ? file.colour.profile : file.metadata.profile;
  const colorSpace = profile && isWiderThanSrgb(profile) ? 'display-p3' : 'srgb';
  const isTurnedHere = file.orientation !== 1 && type !== 'image/tiff';
  // Browsers disagree about which files to turn, so none is asked to.
  const neutral = isTurnedHere ? withNeutralOrientation(bytes) : bytes;
  const whole = withEndMark(neutral, file.header);
  const source = whole === bytes ? blob : new Blob([new Uint8Array(whole)], { type: type ?? '' });
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(source);
  } catch (cause) {
    throw undecodable(type, cause);
  }
  checkSize(bitmap);
  return { bitmap: isTurnedHere ? turn(bitmap, file.orientation, colorSpace) : bitmap, file, colorSpace };
}

function undecodable(type: string | null, cause: unknown): InputError {
  if (type === 'image/heic')
    return photoError(
      'photo-heic',
      'is HEIC, which this browser cannot read. Convert it to JPEG first.',
      cause,
    );
  if (type === 'image/tiff')
    return photoError('photo-tiff', 'is TIFF, which this browser cannot read. Save it as PNG.', cause);
  if (type)
    return photoError('photo-damaged', 'is damaged, or of a kind that this browser cannot read.', cause);
  return photoError('not-an-image', 'is not a readable image. Use JPEG, PNG, WebP or AVIF.', cause);
}

const photoError = (code: ErrorCode, problem: string, cause?: unknown): InputError =>
  new InputError(`The photo ${problem}`, { code, ...(cause !== undefined && { cause }) });

/** Lossless: only moves pixels. Closes the given bitmap. */
function turn(bitmap: ImageBitmap, orientation: number, colorSpace: PredefinedColorSpace): ImageBitmap {
  const [width, height] = [bitmap.width, bitmap.height];
  const isTurned = orientation >= 5;
  const context = canvas2d(isTurned ? { width: height, height: width } : bitmap, colorSpace);
  // Columns: the directions of a step across and down the stored picture, and the position of its corner.
  const transforms: readonly (readonly [number, number, number, number, number, number])[] = [
    [1, 0, 0, 1, 0, 0],
    [-1, 0, 0, 1, width, 0],
    [-1, 0, 0, -1, width, height],
    [1, 0, 0, -1, 0, height],
    [0, 1, 1, 0, 0, 0],
    [0, 1, -1, 0, height, 0],
    [0, -1, -1, 0, height, width],
    [0, -1, 1, 0, 0, width],
  ];
  context.setTransform(...transforms[orientation - 1]!);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return context.canvas.transferToImageBitmap();
}

export async function readBytes(file: Blob): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await file.arrayBuffer());
}

interface Size {
  readonly width: number;
  readonly height: number;
}

function checkSize({ width, height }: Size): void {
  if (Math.max(width, height) <= MAX_SIDE && width * height <= MAX_PIXELS) return;
  throw tooLarge({ width, height });
}

const tooLarge = ({ width, height }: Size): InputError =>
  photoError(
    'photo-too-large',
    `is ${width} x ${height} pixels, more than a canvas holds. Make it smaller first.`,
  );

export function canvas2d(
  { width, height }: Size,
  colorSpace: PredefinedColorSpace,
): OffscreenCanvasRenderingContext2D {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { colorSpace, willReadFrequently: true });
  if (!context) throw tooLarge({ width, height });
  return context;
}
