import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { InputError } from '../../errors';
import { reason } from '../../reason';
import type { RgbImage } from '../image';
import { readPicture } from './files';
import type { ModelChoice } from './models';

/** The name of a test picture in folders of outputs. */
interface PictureName {
  readonly index: number;
  /** Name of its photo, or of the scene it was made from. */
  readonly name: string;
  readonly isPhoto: boolean;
}

/** File name of a method's picture under `--outputs`: by number, `000012.png`, or by photo, `dark.jpg.png`. */
export const outputName = ({ index, name, isPhoto }: PictureName): string =>
  isPhoto ? `${name}.png` : `${String(index).padStart(6, '0')}.png`;

/**
 * Another program's output for a test picture. For a photo it may have the photo's name, followed by .png or with
 * .png as extension.
 *
 * @throws InputError if there is none, or its size differs.
 */
export async function readMade(
  { title, source }: ModelChoice,
  picture: PictureName,
  { width, height }: RgbImage,
): Promise<RgbImage> {
  const { name, isPhoto } = picture;
  const plain = outputName(picture);
  const names = isPhoto ? [plain, name, `${name.slice(0, -extname(name).length)}.png`] : [plain];
  const path = names.map((file) => join(source, file)).find((file) => existsSync(file));
  if (path === undefined) {
    throw new InputError(
      `${source} has no picture of "${title}" for ${name}: ${names.join(' or ')}. Write the test pictures with --outputs, ` +
        'run your program on those in "input", and keep their names.',
    );
  }
  const made = await readPicture(path);
  if (made.width === width && made.height === height) return made;
  throw new InputError(
    `${path} has ${made.width} x ${made.height} pixels, the test picture ${width} x ${height}. Both must have the same size.`,
  );
}

/** A digest of a folder's file names, sizes and dates. */
export function folderDigest({ source }: ModelChoice): string {
  try {
    const files = readdirSync(source)
      .sort()
      .map((name) => {
        const { size, mtimeMs } = statSync(join(source, name));
        return `${name} ${size} ${mtimeMs}`;
      });
    return createHash('sha256').update(files.join('\n')).digest('hex').slice(0, 16);
  } catch (cause) {
    throw new InputError(`${source} cannot be read: ${reason(cause)}. Name a folder of pictures.`, { cause });
  }
}
