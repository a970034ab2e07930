import { join } from 'node:path';
import type { ElementHandle, Page } from 'puppeteer';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser } from '../support/page';
import { type App, openSite, startApp } from './app-page';
import { faultsOn, HANDHELDS, type Screen, showOn, WINDOWS } from './layout';
import { writePhotos } from './photos';
import { screenshotAfterEnhancing } from './screenshot';

const COMMITTED = 'docs/images/page.png';

/** Mean level of a part of a picture of the page, left or right of the slider. */
async function level(png: Uint8Array | string, left: number): Promise<number> {
  const part = sharp(png).extract({ left, top: 160, width: 300, height: 460 }).removeAlpha();
  const { channels } = await sharp(await part.png().toBuffer()).stats();
  return channels.reduce((sum, { mean }) => sum + mean / channels.length, 0);
}

/** Five files: wide, tall, turned, no photo, a longer name. */
async function fivePhotos(app: App): Promise<[first: string, ...others: string[]]> {
  const made = await writePhotos(app.photos);
  const small = async (name: string, file: string) => {
    const path = join(app.photos, file);
    await sharp(`examples/${name}.jpg`).resize(240).toFile(path);
    return path;
  };
  return [
    await small('meadow', 'meadow.jpg'),
    await small('mural', 'mural.jpg'),
    made.text,
    made.turned,
    await small('hall', 'a-photo-with-quite-a-long-name-from-last-summer.jpg'),
  ];
}

describe.skipIf(!hasBrowser())('how the page looks', { timeout: 600_000 }, () => {
  let app: App;
  let photos: Awaited<ReturnType<typeof fivePhotos>>;

  beforeAll(async () => {
    app = await startApp();
    app.hasDemo = true;
    photos = await fivePhotos(app);
  });
  afterAll(() => app?.close());

  it('is shown in the README: dark on the left, bright on the right', async () => {
    const png = await screenshotAfterEnhancing(app, 'examples/meadow.jpg');
    expect(await sharp(png).metadata()).toMatchObject({ format: 'png', width: 1280, height: 800 });
    const [before, after] = [await level(png, 100), await level(png, 560)];
    expect(after).toBeGreaterThan(2 * before);
    // Fonts and browsers differ; the photo does not.
    expect(await level(COMMITTED, 100)).toBeCloseTo(before, -1);
    expect(await level(COMMITTED, 560)).toBeCloseTo(after, -1);
  });

  const choose = async (page: Page, ...files: string[]) => {
    const input = (await page.$('#file')) as ElementHandle<HTMLInputElement>;
    await input.uploadFile(...files);
  };
  const done = (page: Page, count: number) =>
    page.waitForFunction(
      (wanted) =>
        document.querySelectorAll('.badge[data-phase="done"]').length === wanted &&
        (document.getElementById('size')?.textContent ?? '').includes('B'),
      {},
      count,
    );

  const look = async (page: Page, screens: readonly Screen[], isTouched: boolean, state: string) =>
    expect(await faultsOn(page, screens, isTouched, state)).toEqual({});

  it.each([
    ['with a mouse', WINDOWS, false],
    ['on tablets and phones', HANDHELDS, true],
  ] as const)('keeps every control in reach %s', async (_, screens, isTouched) => {
    const { page, complaints } = await openSite(app, 'plain');
    page.setDefaultTimeout(240_000);
    await showOn(page, screens[0]!, isTouched);
    await page.waitForSelector('#adapter[data-state="slow"]');
    expect(await page.evaluate(() => matchMedia('(any-pointer: coarse)').matches)).toBe(isTouched);
    await look(page, screens, isTouched, 'empty');
    await choose(page, photos[0]);
    await done(page, 1);
    await look(page, screens, isTouched, 'one');
    await page.evaluate(() => document.getElementById('notice-close')?.click());
    await choose(page, ...photos.slice(1));
    await done(page, 4);
    await page.click('#strip li:nth-child(1) .thumb');
    await page.waitForSelector('#divider', { visible: true });
    await look(page, screens, isTouched, 'five');
    await page.evaluate(() => document.getElementById('options')?.click());
    await page.evaluate(() => document.getElementById('side-by-side')?.click());
    await look(page, screens, isTouched, 'options');
    await page.click('#strip li:nth-child(3) .thumb');
    await page.waitForSelector('#problem', { visible: true });
    await look(page, screens, isTouched, 'problem');
    await page.keyboard.press('?');
    await page.waitForSelector('#help[open]');
    await look(page, screens, isTouched, 'help');
    await page.evaluate(() => {
      document.getElementById('help-close')?.click();
      document.documentElement.dir = 'rtl';
    });
    await look(page, screens, isTouched, 'mirrored');
    await page.goto(`${app.url('plain')}live.html`);
    await page.waitForSelector('#camera');
    await look(page, screens, isTouched, 'live');
    await page.goto(`${app.url('plain')}train.html`);
    await page.waitForSelector('#setup', { visible: true });
    await look(page, screens, isTouched, 'train');
    await page.goto(`${app.url('plain')}bench.html`);
    await page.waitForSelector('#start', { visible: true });
    await look(page, screens, isTouched, 'bench');
    expect(complaints).toEqual({ errors: [], foreign: [] });
    await page.evaluate(() => localStorage.clear());
    await page.close();
  });
});
