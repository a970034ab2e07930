import type { Enhancer, RunOptions } from './enhancer';
import { formatOfPath } from './photo-format';
import { encodePhoto, readPhoto } from './photo-node';
import { writeWhole } from './write-whole-node';

export interface EnhanceFileOptions extends RunOptions {
  /** 1 to 100, for JPEG and WebP. */
  readonly quality?: number;
}

/** What became of a file. */
export interface EnhancedFile {
  readonly width: number;
  readonly height: number;
  /** What could not be kept, in words for the user. */
  readonly notes: readonly string[];
}

/**
 * Enhances the photo in one file into another, whose extension names the format. Depth, channels, transparency,
 * colour profile, EXIF and XMP are kept; the picture is turned upright. The output is whole or not there; one
 * that exists is replaced.
 *
 * @throws {InputError} naming the file that cannot be read or written.
 * @throws as `Enhancer.run`.
 */
export async function enhanceFile(
  enhancer: Enhancer,
  input: string,
  output: string,
  { quality, ...options }: EnhanceFileOptions = {},
): Promise<EnhancedFile> {
  const format = formatOfPath(output);
  const photo = await readPhoto(input);
  const { width, height } = photo.image;
  const image = await enhancer.run(photo.image, options);
  const encoded = await encodePhoto({ ...photo, image }, format, quality === undefined ? {} : { quality });
  await writeWhole(output, encoded.bytes);
  return { width, height, notes: [...photo.notes, ...encoded.notes] };
}
