import type { ElementHandle } from 'puppeteer-core';
import { type App, openSite } from './app-page';

const PATIENCE_MS = 600_000;
/** For the last picture to be drawn. */
const SETTLE_MS = 500;

/** Enhances a photo on the built page in headless Chrome; the page as PNG, dark, the slider in the middle. */
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
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  return page.screenshot();
}
