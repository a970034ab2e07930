import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { ElementHandle } from 'puppeteer-core';
import { openSite, startApp } from '../test/app/app-page';

/**
 * Enhances an example on the built page in headless Chrome and writes docs/images/page.png:
 * `npm run screenshot [examples/NAME.jpg]`.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const photo = process.argv[3] ?? `${root}examples/autumn-tree.jpg`;
if (!existsSync(photo)) throw new Error(`There is no ${photo}. Name a photo, or run npm run examples.`);

const PATIENCE_MS = 600_000;
/** For the last picture to be drawn. */
const SETTLE_MS = 500;

const app = await startApp();
try {
  const { page } = await openSite(app, 'plain');
  page.setDefaultTimeout(PATIENCE_MS);
  await page.emulateMediaFeatures([
    { name: 'prefers-color-scheme', value: 'dark' },
    { name: 'prefers-reduced-motion', value: 'reduce' },
  ]);
  const input = (await page.waitForSelector('#file')) as ElementHandle<HTMLInputElement>;
  await input.uploadFile(photo);
  await page.waitForSelector('#save:not([disabled])');
  await page.evaluate(() => document.getElementById('notice-close')?.click());
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  await mkdir(`${root}docs/images`, { recursive: true });
  await page.screenshot({ path: `${root}docs/images/page.png` });
  console.log(`${root}docs/images/page.png`);
} finally {
  await app.close();
}
