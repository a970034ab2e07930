import type { ElementHandle } from 'puppeteer';
import { type App, openSite } from './app-page';

const PATIENCE_MS = 600_000;

/**
 * Enhances a photo on the built page in headless Chrome; returns the page as PNG, in dark colours, with the slider in
 * the middle.
 */
export async function screenshotAfterEnhancing(app: App, photo: string): Promise<Uint8Array> {
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
  // The divider appears once both pictures are drawn. The stage, larger without the note, is drawn a frame or two
  // later.
  await page.waitForSelector('#divider', { visible: true });
  await page.evaluate(async () => {
    for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
  });
  return page.screenshot();
}
