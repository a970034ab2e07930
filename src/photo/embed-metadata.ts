/** Puts metadata into encoded pictures, as bytes. Pure: works in browser and Node. */
import { embedInJpeg } from './jpeg';
import type { ContainerFormat, Metadata, PictureSize, Tagged } from './metadata';
import { embedInPng } from './png';
import { addToTiff, exifWithResolution } from './tiff';
import { embedInWebp } from './webp';
import { mergeXmp, withoutExtendedXmp } from './xmp';

/**
 * Puts metadata into an encoded picture that has none of the kinds given. A resolution that the encoder made up is
 * replaced, or taken out. What the format has no place for is left out and said.
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
    const resolution = metadata.exif ? undefined : metadata.resolution;
    const exif = metadata.exif ?? (resolution && exifWithResolution(resolution));
    return {
      bytes: embedInWebp(file, { ...metadata, ...(exif && { exif }) }, size),
      notes: [...notes, ...merging],
    };
  }
  if (format === 'png') return { bytes: await embedInPng(file, metadata), notes: [...notes, ...merging] };
  const tagged = format === 'jpeg' ? embedInJpeg(file, metadata) : addToTiff(file, metadata);
  return { bytes: tagged.bytes, notes: [...notes, ...merging, ...tagged.notes] };
}

/** What a format has no place for. */
function homeless(format: ContainerFormat, { iptc, comments, texts = [] }: Metadata): string[] {
  const notes: string[] = [];
  const name = format === 'webp' ? 'WebP' : format.toUpperCase();
  if (iptc && format === 'webp') notes.push('WebP has no place for IPTC, which is left out');
  if (comments && format !== 'jpeg') notes.push(`${name} has no place for the comment, which is left out`);
  // Programs write dates and their own names there by the way.
  const keywords = texts
    .map(({ keyword }) => keyword)
    .filter((keyword) => !/^(date:|Software$)/.test(keyword));
  if (keywords.length > 0 && format !== 'png')
    notes.push(
      `${name} has no place for text by name (${[...new Set(keywords)].join(', ')}), which is left out`,
    );
  return notes;
}

/** Only JPEG cuts XMP into two packets. */
function withOneXmp({ extendedXmp, ...metadata }: Metadata): {
  metadata: Metadata;
  notes: readonly string[];
} {
  if (!extendedXmp || !metadata.xmp) return { metadata, notes: [] };
  const merged = mergeXmp(metadata.xmp, extendedXmp);
  if (merged) return { metadata: { ...metadata, xmp: merged }, notes: [] };
  return {
    metadata: { ...metadata, xmp: withoutExtendedXmp(metadata.xmp) },
    notes: ['the second part of XMP cannot be put together with the first and is left out'],
  };
}
