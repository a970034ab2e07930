/**
 * Opens the page of an app that has `enhance` in its window, gives it a JPEG, and prints as JSON what it made of it. For
 * check-package.mjs.
 *
 *     node scripts/run.mjs scripts/enhance-in-chrome.ts URL photo.jpg
 */
import { readFile } from 'node:fs/promises';
import { launchChrome, newPage } from '../src/gpu/node/launch-chrome';

const [, , , url = '', photo = ''] = process.argv;
const { browser, version } = await launchChrome();
try {
  const page = await newPage(browser);
  page.on('pageerror', (error) => console.error(`error in the page: ${error}`));
  await page.goto(url, { waitUntil: 'load' });
  await page.waitForFunction(() => 'enhance' in window);
  const made = await page.evaluate(
    (text) => (window as unknown as { enhance(base64: string): Promise<number[]> }).enhance(text),
    await readFile(photo, 'base64'),
  );
  console.log(JSON.stringify({ made, version }));
} finally {
  await browser.close();
}
