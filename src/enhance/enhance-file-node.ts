import type { Enhancer, RunOptions } from './enhancer';
import { encodePhoto, formatOfPath, readPhoto, writeWhole } from './photo-node';

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
 * Enhances the photo in one file into another, whose extension names the format. Orientation, transparency and
 * EXIF are kept. The output is whole or not there; one that exists is replaced.
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
  const image = await enhancer.run(photo.image, options);
  const { bytes, notes } = await encodePhoto(
    { ...photo, image },
    format,
    quality === undefined ? {} : { quality },
  );
  await writeWhole(output, bytes);
  return { width: image.width, height: image.height, notes: [...photo.notes, ...notes] };
}
