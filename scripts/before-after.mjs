/**
 * The picture in the README: examples, the left half original, the right half enhanced. `npx glocal enhance examples
 * -o enhanced && node scripts/before-after.mjs enhanced docs/images/before-after.jpg`
 */
import { join } from 'node:path';
import sharp from 'sharp';

const [enhanced, output] = process.argv.slice(2);
if (!enhanced || !output) throw new Error('Name the folder of enhanced examples and the picture to write.');

const SHOWN = ['meadow', 'hall', 'canyon'];
const WIDTH = 480;
const HEIGHT = 320;
const GAP = 6;

const halves = SHOWN.map(async (name, index) => {
  const fit = (folder) => sharp(join(folder, `${name}.jpg`)).resize(WIDTH, HEIGHT);
  const half = { top: 0, width: WIDTH / 2, height: HEIGHT };
  const left = index * (WIDTH + GAP);
  return [
    {
      input: await fit('examples')
        .extract({ left: 0, ...half })
        .png()
        .toBuffer(),
      left,
      top: 0,
    },
    {
      input: await fit(enhanced)
        .extract({ left: WIDTH / 2, ...half })
        .png()
        .toBuffer(),
      left: left + WIDTH / 2,
      top: 0,
    },
  ];
});

const width = SHOWN.length * (WIDTH + GAP) - GAP;
await sharp({ create: { width, height: HEIGHT, channels: 3, background: 'white' } })
  .composite((await Promise.all(halves)).flat())
  .jpeg({ quality: 88 })
  .toFile(output);
