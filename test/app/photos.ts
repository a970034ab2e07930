import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';

export const WIDTH = 96;
export const HEIGHT = 64;

/** Noted in the EXIF data of the turned photo. */
export const COPYRIGHT = 'A careful photographer';

/**
 * A dark landscape picture whose corners differ, so that turning it shows: RGBA, half transparent in the lower part.
 */
export function darkPixels(): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(WIDTH * HEIGHT * 4);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const at = 4 * (y * WIDTH + x);
      data[at] = 10 + (50 * x) / WIDTH;
      data[at + 1] = 10 + (50 * y) / HEIGHT;
      data[at + 2] = 20 + ((x * y) % 17);
      data[at + 3] = y < HEIGHT / 2 ? 255 : 128;
    }
  }
  return data;
}

/** Writes files that a person might drop; returns their paths by kind. */
export async function writePhotos(
  folder: string,
): Promise<Record<'upright' | 'turned' | 'wide' | 'text' | 'truncated', string>> {
  const picture = () => sharp(darkPixels(), { raw: { width: WIDTH, height: HEIGHT, channels: 4 } });
  const jpeg = await picture().removeAlpha().jpeg({ quality: 95 }).toBuffer();
  const files = {
    upright: [join(folder, 'upright.png'), await picture().png().toBuffer()],
    // Orientation 6: to be turned by 90 degrees clockwise, as phones held upright write it.
    turned: [
      join(folder, 'turned.jpg'),
      await sharp(jpeg)
        .withMetadata({ orientation: 6, exif: { IFD0: { Copyright: COPYRIGHT } } })
        .jpeg({ quality: 95 })
        .toBuffer(),
    ],
    wide: [join(folder, 'wide.png'), await picture().removeAlpha().withIccProfile('p3').png().toBuffer()],
    text: [join(folder, 'notes.txt'), Buffer.from('Nothing to see here.')],
    truncated: [join(folder, 'cut.jpg'), jpeg.subarray(0, jpeg.length / 2)],
  } as const;
  for (const [path, bytes] of Object.values(files)) await writeFile(path, bytes);
  return Object.fromEntries(Object.entries(files).map(([name, [path]]) => [name, path])) as Record<
    keyof typeof files,
    string
  >;
}
