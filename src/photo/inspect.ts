import { latin1 } from './bytes';
import { adaptExif, bareExif, exifOrientation } from './exif';
import { findMetadata } from './find-metadata';
import { framesOfGif, type ImageHeader, readImageHeader } from './image-header';
import { colourOfHeif } from './isobmff';
import { hasIsoGainMap, picturesOfJpeg } from './jpeg';
import type { Metadata } from './metadata';
import { colourOfPng, framesOfPng } from './png';
import { type Colour, colourOf } from './signalled-colour';
import { findInTiff, MAKER_NOTE_LOST, resolutionOfExif, tiffOrientation } from './tiff';
import { framesOfWebp } from './webp';
import { extendedXmpName, uprightXmp, withoutAnnouncements, withoutExtendedXmp } from './xmp';

/** Everything a photo's file contains besides its pixels. Shared by page and command line. */
export interface PhotoFile {
  readonly header: ImageHeader;
  /** As stored in the file. */
  readonly metadata: Metadata;
  /** EXIF orientation of the stored picture, 1 to 8. Decoders of AVIF and HEIC turn the picture, so these have 1. */
  readonly orientation: number;
  /** The meaning of the numbers, if the file gives it other than by a profile that takes precedence. */
  readonly colour?: Colour;
  /** Losses, as text for the user. */
  readonly notes: readonly string[];
}

/** Reads everything but the pixels of a file. Never throws and does not modify the bytes. */
export async function inspectPhoto(bytes: Uint8Array): Promise<PhotoFile> {
  const header = readImageHeader(bytes);
  const notes: string[] = [];
  const frames = framesOf(header.type, bytes);
  if (frames > 1) notes.push(`has ${frames} frames or pages; only the first is used`);
  const tiff = header.type === 'image/tiff' ? findInTiff(bytes) : undefined;
  const metadata = withResolution(tiff?.metadata ?? (await findMetadata(bytes)));
  if (tiff?.lacksMakerNote) notes.push(MAKER_NOTE_LOST);
  if (header.type === 'image/jpeg') notes.push(...unannounced(bytes, header, metadata));
  const colour = signalledColour(header.type, bytes, metadata);
  const isTurnedByDecoder = header.type === 'image/avif' || header.type === 'image/heic';
  const orientation = tiff
    ? tiffOrientation(bytes)
    : metadata.exif && !isTurnedByDecoder
      ? exifOrientation(metadata.exif)
      : 1;
  return { header, metadata, orientation, ...(colour && { colour }), notes };
}

/** Many cameras store the resolution in EXIF alone, which other formats ignore. */
function withResolution(metadata: Metadata): Metadata {
  const resolution = metadata.resolution ?? (metadata.exif && resolutionOfExif(bareExif(metadata.exif)));
  return resolution ? { ...metadata, resolution } : metadata;
}

function framesOf(type: string | null, bytes: Uint8Array): number {
  if (type === 'image/png') return framesOfPng(bytes);
  if (type === 'image/webp') return framesOfWebp(bytes);
  return type === 'image/gif' ? framesOfGif(bytes) : 1;
}

function signalledColour(type: string | null, bytes: Uint8Array, { profile }: Metadata): Colour | undefined {
  if (type === 'image/png') return colourOf(colourOfPng(bytes), profile !== undefined);
  if (type !== 'image/avif') return undefined;
  const { codes } = colourOfHeif(bytes);
  // A profile describes colours better; the codes then only serve the conversion to RGB.
  return codes && !profile ? colourOf({ codes }, false) : undefined;
}

const leftOut = (what: string): string => `has ${what}, which would not fit the new picture and is left out`;

/** Content of a JPEG besides its picture that its XMP does not announce. */
function unannounced(bytes: Uint8Array, header: ImageHeader, { xmp }: Metadata): string[] {
  const announced = xmp ? withoutAnnouncements(xmp).announced : new Set();
  const notes: string[] = [];
  if (hasVideoBehind(bytes, header) && !announced.has('a video')) notes.push(leftOut('a video'));
  const hasGainMap = hasIsoGainMap(bytes);
  if (hasGainMap && !announced.has('a gain map')) notes.push(leftOut('a gain map'));
  const pictures = picturesOfJpeg(bytes);
  // A gain map counts as a picture.
  if (pictures > 1 && !hasGainMap && !announced.has('a gain map'))
    notes.push(`has ${pictures} pictures; only the first is used`);
  return notes;
}

/** Phones append the video of a motion photo to the picture; older ones do not mention it in XMP. */
function hasVideoBehind(bytes: Uint8Array, { end }: ImageHeader): boolean {
  if (end === undefined || end + 12 > bytes.length) return false;
  return (
    latin1(bytes, end + 4, end + 8) === 'ftyp' ||
    latin1(bytes, end, end + 0x8000).includes('MotionPhoto_Data')
  );
}

/**
 * The metadata for a new picture: upright, with its size, and without announcements of missing content. Notes report
 * removals, as text for the user.
 */
export function carriedMetadata(
  { exif, xmp, extendedXmp, ...rest }: Metadata,
  { width, height }: { readonly width: number; readonly height: number },
): { readonly metadata: Metadata; readonly notes: readonly string[] } {
  const notes: string[] = [];
  const adapted = exif && adaptExif(exif, width, height);
  if (exif && !adapted) notes.push('EXIF is damaged and is left out');
  if (adapted?.isDamaged) notes.push('EXIF is damaged; what can be read of it is kept');
  if (!xmp) return { metadata: { ...rest, ...(adapted && { exif: adapted.exif }) }, notes };
  const { xmp: clean, announced } = withoutAnnouncements(xmp);
  for (const what of announced) notes.push(leftOut(what));
  // The first packet must not refer to a second one that is missing.
  const isCut = !extendedXmp && extendedXmpName(clean) !== undefined;
  if (isCut) notes.push('XMP refers to a second part that the file does not contain');
  const whole = isCut ? withoutExtendedXmp(clean) : clean;
  return {
    metadata: {
      ...rest,
      ...(adapted && { exif: adapted.exif }),
      xmp: uprightXmp(whole),
      ...(extendedXmp && { extendedXmp }),
    },
    notes,
  };
}
