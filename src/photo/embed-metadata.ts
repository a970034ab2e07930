/** Embeds metadata in encoded pictures. Works on bytes, in browsers and Node. */
import { embedInJpeg } from './jpeg';
import type { ContainerFormat, Metadata, PictureSize, Tagged } from './metadata';
import { embedInPng } from './png';
import { addToTiff, exifWithResolution, resolutionOfExif } from './tiff';
import { embedInWebp } from './webp';
import { mergeXmp, withoutExtendedXmp } from './xmp';

/**
 * Embeds metadata in an encoded picture that has none of these kinds. A resolution invented by the encoder is
 * replaced or removed. Metadata that the format cannot hold is left out and reported.
 */
export async function embedMetadata(
  file: Uint8Array,
  format: ContainerFormat,
  given: Metadata,
  size: PictureSize,
): Promise<Tagged> {
  const notes = homeless(format, given);
  const { metadata, notes: merging } = format === 'jpeg' ? { metadata: given, notes: [] } : withOneXmp(given);
  if (format === 'webp') {
    const { resolution } = metadata;
    const exif = metadata.exif ?? (resolution && exifWithResolution(resolution));
    if (resolution && exif && !resolutionOfExif(exif))
      notes.push('WebP keeps the resolution in EXIF, which this photo lacks, so it is left out');
    return {
      bytes: embedInWebp(file, { ...metadata, ...(exif && { exif }) }, size),
      notes: [...notes, ...merging],
    };
  }
  if (format === 'png') return { bytes: await embedInPng(file, metadata), notes: [...notes, ...merging] };
  const tagged = format === 'jpeg' ? embedInJpeg(file, metadata) : addToTiff(file, metadata);
  return { bytes: tagged.bytes, notes: [...notes, ...merging, ...tagged.notes] };
}

/** The metadata that a format cannot hold. */
function homeless(format: ContainerFormat, { iptc, comments, texts = [] }: Metadata): string[] {
  const notes: string[] = [];
  const name = format === 'webp' ? 'WebP' : format.toUpperCase();
  if (iptc && format === 'webp') notes.push('WebP has no place for IPTC, which is left out');
  if (comments && format !== 'jpeg') notes.push(`${name} has no place for the comment, which is left out`);
  // Programs add these automatically, for dates and their own names.
  const keywords = texts
    .map(({ keyword }) => keyword)
    .filter((keyword) => !/^(date:|Software$)/.test(keyword));
  if (keywords.length > 0 && format !== 'png')
    notes.push(
      `${name} has no place for the text chunks (${[...new Set(keywords)].join(', ')}), which are left out`,
    );
  return notes;
}

/** Only JPEG splits XMP into two packets. */
function withOneXmp({ extendedXmp, ...metadata }: Metadata): {
  metadata: Metadata;
  notes: readonly string[];
} {
  if (!extendedXmp || !metadata.xmp) return { metadata, notes: [] };
  const merged = mergeXmp(metadata.xmp, extendedXmp);
  if (merged) return { metadata: { ...metadata, xmp: merged }, notes: [] };
  return {
    metadata: { ...metadata, xmp: withoutExtendedXmp(metadata.xmp) },
    notes: ['the second part of XMP cannot be merged with the first and is left out'],
  };
}
