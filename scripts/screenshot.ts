import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { startApp } from '../test/app/app-page';
import { screenshotAfterEnhancing } from '../test/app/screenshot';

/**
 * Writes docs/images/page.png, the picture of the README: `npm run screenshot [examples/NAME.jpg]`. The test
 * `test/app/screenshot.test.ts` makes the same picture and checks it.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const photo = process.argv[3] ?? `${root}examples/meadow.jpg`;
if (!existsSync(photo)) throw new Error(`There is no ${photo}. Name a photo, or run npm run examples.`);

const app = await startApp();
try {
  await mkdir(`${root}docs/images`, { recursive: true });
  await writeFile(`${root}docs/images/page.png`, await screenshotAfterEnhancing(app, photo));
  console.log(`${root}docs/images/page.png`);
} finally {
  await app.close();
}
