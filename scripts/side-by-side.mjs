/**
 * The pictures of docs/dark-photos.md: each example as taken, by `nano`, and by the default network. `node
 * scripts/side-by-side.mjs NANO-FOLDER DEFAULT-FOLDER docs/images/dark-photos`
 */
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';

const [nano, other, output] = process.argv.slice(2);
if (!nano || !other || !output)
  throw new Error('Name the two folders of enhanced examples and the folder to write to.');

const HEIGHT = 300;
const GAP = 6;

await mkdir(output, { recursive: true });
for (const file of (await readdir('examples')).filter((name) => name.endsWith('.jpg'))) {
  const pictures = await Promise.all(
    ['examples', nano, other].map((folder) =>
      sharp(join(folder, file)).resize({ height: HEIGHT }).png().toBuffer({ resolveWithObject: true }),
    ),
  );
  let left = 0;
  const layers = pictures.map(({ data, info }) => {
    const layer = { input: data, top: 0, left };
    left += info.width + GAP;
    return layer;
  });
  await sharp({ create: { width: left - GAP, height: HEIGHT, channels: 3, background: 'white' } })
    .composite(layers)
    .jpeg({ quality: 88 })
    .toFile(join(output, file));
}
