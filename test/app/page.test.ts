import { join } from 'node:path';
import type { ElementHandle, Page, WebWorker } from 'puppeteer';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isWiderThanSrgb } from '../../src/photo/wide-gamut';
import { hasBrowser } from '../support/page';
import { type App, type Complaints, openSite, type Site, savedFile, startApp, workerOf } from './app-page';
import { violations } from './axe';
import { benchCases } from './bench.cases';
import { exampleCodeCases } from './example-code.cases';
import { kindsCases } from './kinds.cases';
import { liveCases } from './live.cases';
import { COPYRIGHT, darkPixels, HEIGHT, WIDTH, writePhotos } from './photos';
import { useCases } from './use.cases';

/** Software adapters on busy machines are slow. */
const PATIENCE = 240_000;

describe.skipIf(!hasBrowser())('the page in headless Chrome', { timeout: PATIENCE }, () => {
  let app: App;
  let photos: Awaited<ReturnType<typeof writePhotos>>;
  let page: Page;
  let complaints: Complaints;

  beforeAll(async () => {
    app = await startApp();
    photos = await writePhotos(app.photos);
  });

  afterAll(() => app?.close());

  afterEach(async () => {
    expect(complaints ?? { errors: [], foreign: [] }).toEqual({ errors: [], foreign: [] });
  });

  async function open(site: Site): Promise<void> {
    ({ page, complaints } = await openSite(app, site));
    page.setDefaultTimeout(PATIENCE);
  }

  async function choose(...files: string[]): Promise<void> {
    const input = (await page.$('#file')) as ElementHandle<HTMLInputElement>;
    await input.uploadFile(...files);
  }

  const shown = (selector: string) => page.waitForSelector(selector, { visible: true });
  const textOf = (selector: string) => page.$eval(selector, (element) => element.textContent?.trim());
  const enhanced = () => shown('#save:not([disabled])');
  const item = (n: number) => page.click(`#strip li:nth-child(${n}) .thumb`);

  /** Two clicks with timestamps 50 ms apart, however long this machine takes. */
  async function doubleClick(x: number, y: number): Promise<void> {
    const session = await page.createCDPSession();
    const now = Date.now() / 1000;
    for (const [at, type] of (
      ['mousePressed', 'mouseReleased', 'mousePressed', 'mouseReleased'] as const
    ).entries()) {
      const timestamp = now + 0.025 * at;
      await session.send('Input.dispatchMouseEvent', {
        type,
        x,
        y,
        button: 'left',
        clickCount: 1,
        timestamp,
      });
    }
    await session.detach();
  }

  /** Sum of the photo's pixels on the stage, in the left and in the right half of the canvas. */
  const brightness = () =>
    page.$eval('#view', (element) => {
      const { width, height } = element as HTMLCanvasElement;
      const context = (element as HTMLCanvasElement).getContext('2d')!;
      const sum = (x: number) => {
        const { data } = context.getImageData(x, 0, width >> 1, height);
        return data.reduce((total, value, i) => total + (i % 4 === 3 ? 0 : value), 0);
      };
      return { left: sum(0), right: sum(width >> 1) };
    });

  describe('with a device', () => {
    beforeAll(async () => {
      app.hasDemo = true;
      await open('plain');
    });
    afterAll(() => page.close());

    it('shows the landing, its example enhanced, and the adapter, and passes axe', async () => {
      await shown('#adapter[data-state="slow"]');
      await shown('#demo[data-state="done"]');
      app.hasDemo = false;
      expect(await textOf('#adapter-name')).toBe('SwiftShader (slow)');
      expect(await textOf('h1')).toBe('Light for dark photos');
      expect(await violations(page)).toEqual([]);
    });

    it('enhances the chosen photos and says why it cannot use the others', async () => {
      await choose(photos.upright, photos.text, photos.truncated, photos.turned, photos.wide);
      await shown('#notice');
      await enhanced();
      await page.waitForFunction(() => document.querySelectorAll('[data-phase="done"]').length === 3);
      expect(
        await page.$$eval('.badge', (badges) => badges.map((badge) => (badge as HTMLElement).dataset.phase)),
      ).toEqual(['done', 'failed', 'failed', 'done', 'done']);
      await item(2);
      expect(await textOf('#problem-title')).toBe('This is not a photo');
      expect(await textOf('#problem-detail')).toBe('notes.txt');
      await item(3);
      expect(await textOf('#problem-title')).toBe('Part of this photo is missing');
      await item(1);
      await shown('#divider');
      expect(await violations(page)).toEqual([]);
    });

    it('moves the divider by keys, and the picture follows', async () => {
      const divider = await page.$eval('#divider', (element) => element.getAttribute('aria-valuetext'));
      expect(divider).toBe('50% before, 50% after');
      await page.focus('#divider');
      await page.keyboard.press('End');
      await page.evaluate(() => new Promise(requestAnimationFrame));
      const before = await brightness();
      await page.keyboard.press('Home');
      await page.evaluate(() => new Promise(requestAnimationFrame));
      const after = await brightness();
      expect(after).not.toEqual(before);
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('PageUp');
      expect(await page.$eval('#divider', (element) => element.getAttribute('aria-valuenow'))).toBe('11');
    });

    it('moves the divider by mouse; zooms by wheel, keys and buttons', async () => {
      const stage = (await (await page.$('#stage'))!.boundingBox())!;
      const middle = { x: stage.x + stage.width / 2, y: stage.y + stage.height / 2 };
      await page.mouse.move(middle.x + 300, middle.y);
      await page.mouse.down();
      await page.mouse.move(middle.x, middle.y, { steps: 3 });
      await page.mouse.up();
      expect(await page.$eval('#divider', (element) => element.getAttribute('aria-valuenow'))).toBe('50');
      const zoom = async () => {
        await page.evaluate(() => new Promise(requestAnimationFrame));
        return Number.parseInt((await textOf('#zoom-actual'))!, 10);
      };
      const fitted = await zoom();
      await page.mouse.wheel({ deltaY: -500 });
      expect(await zoom()).toBeGreaterThan(fitted);
      await page.focus('#stage');
      await page.keyboard.press('0');
      expect(await zoom()).toBe(fitted);
      await page.click('#zoom-in');
      expect(await zoom()).toBe(fitted * 1.5);
      await page.click('#zoom-fit');
      expect(await zoom()).toBe(fitted);
      await page.click('#zoom-in');
      await doubleClick(middle.x + 40, middle.y);
      expect(await zoom()).toBe(fitted);
    });

    it('saves the enhanced photo, a blend of it, and at strength 0 the photo itself', async () => {
      const original = darkPixels();
      const rgba = async () => {
        await page.click('#save');
        const { data, info } = await sharp(await savedFile(app, 'upright-enhanced.png'))
          .raw()
          .toBuffer({ resolveWithObject: true });
        expect(info).toMatchObject({ width: WIDTH, height: HEIGHT, channels: 4 });
        expect(data.filter((_, i) => i % 4 === 3)).toEqual(
          Buffer.from(original.filter((_, i) => i % 4 === 3)),
        );
        return data.subarray(0, data.length / 2);
      };
      const full = await rgba();
      const opaque = original.subarray(0, full.length);
      expect(meanDifference(full, opaque)).toBeGreaterThan(1);
      await page.focus('#strength');
      for (let step = 0; step < 5; step++) await page.keyboard.press('PageDown');
      expect(await textOf('#strength-value')).toBe('50%');
      const half = await rgba();
      for (let i = 0; i < half.length; i++)
        expect(Math.abs(2 * half[i]! - full[i]! - opaque[i]!)).toBeLessThanOrEqual(1);
      await page.keyboard.press('Home');
      await page.focus('#strength');
      await page.keyboard.press('Home');
      expect(await rgba()).toEqual(Buffer.from(opaque));
    });

    it('keeps a turned photo upright and its EXIF data; saves all in one archive', async () => {
      await item(4);
      await enhanced();
      await page.click('#save');
      const saved = await sharp(await savedFile(app, 'turned-enhanced.jpg')).metadata();
      expect([saved.format, saved.width, saved.height, saved.orientation ?? 1]).toEqual([
        'jpeg',
        HEIGHT,
        WIDTH,
        1,
      ]);
      expect(saved.exif?.includes(COPYRIGHT)).toBe(true);
      await page.click('#save-all');
      const archive = await savedFile(app, 'glocal.zip');
      for (const name of ['upright-enhanced.png', 'turned-enhanced.jpg'])
        expect(archive.includes(name)).toBe(true);
    });

    it('keeps the colours and the colour space of a photo in Display P3', async () => {
      await item(5);
      await enhanced();
      await page.focus('#strength');
      await page.keyboard.press('Home');
      await page.click('#save');
      const saved = await savedFile(app, 'wide-enhanced.png');
      const { icc } = await sharp(saved).metadata();
      expect(icc && isWiderThanSrgb(icc)).toBe(true);
      const [before, after] = await Promise.all(
        [photos.wide, saved].map((photo) => sharp(photo).removeAlpha().raw().toBuffer()),
      );
      expect(meanDifference(before!, after!)).toBeLessThan(1);
    });

    it('takes a dropped file', async () => {
      await page.evaluate(() => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File(['no picture'], 'dropped.jpg', { type: 'image/jpeg' }));
        document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
      });
      await shown('#problem');
      expect(await textOf('#problem-detail')).toBe('dropped.jpg');
      expect(await page.$$eval('#strip li', (items) => items.length)).toBe(6);
    });

    it('enhances again with the other network', async () => {
      await item(1);
      await enhanced();
      await page.focus('#strength');
      await page.keyboard.press('End');
      expect(await textOf('#strength-value')).toBe('100%');
      const pixels = async () => {
        await page.click('#save');
        return sharp(await savedFile(app, 'upright-enhanced.png'))
          .raw()
          .toBuffer();
      };
      const byInstant = await pixels();
      // From now on the previous photo cannot be saved any more.
      await page.select('#model', 'small');
      await enhanced();
      expect(meanDifference(await pixels(), byInstant)).toBeGreaterThan(0.1);
    });

    it('requests nothing from other origins, not even from the worker', async () => {
      const urls = await (await workerOf(page)).evaluate(() =>
        performance.getEntriesByType('resource').map(({ name }) => name),
      );
      expect(urls.some((url) => url.endsWith('.safetensors'))).toBe(true);
      for (const url of urls) expect(url.startsWith(app.url('plain'))).toBe(true);
    });
  });

  it('shows and saves 2 megapixels at another strength without a new run of the network', async () => {
    await open('counted');
    const large = join(app.photos, 'large.png');
    const dark = sharp(darkPixels(), { raw: { width: WIDTH, height: HEIGHT, channels: 4 } });
    await dark.removeAlpha().resize(1728, 1152).png().toFile(large);
    await choose(large);
    await enhanced();
    await shown('#divider');
    const passes = async () => (await workerOf(page)).evaluate('self.passes');
    const run = await passes();
    expect(run).toBeGreaterThan(2);
    const levels: number[] = [];
    for (const key of ['End', 'PageDown', 'PageDown', 'Home'] as const) {
      await page.focus('#strength');
      await page.keyboard.press(key);
      await page.evaluate(() => new Promise(requestAnimationFrame));
      levels.push((await brightness()).right);
    }
    expect(levels).toEqual([...new Set(levels)].sort((a, b) => b - a));
    await page.click('#save');
    await savedFile(app, 'large-enhanced.png');
    expect(await passes()).toBe(run);
    await page.close();
  });

  useCases(
    () => app,
    () => photos,
    PATIENCE,
  );

  kindsCases(() => app, PATIENCE);
  liveCases(() => app, PATIENCE);
  benchCases(() => app, PATIENCE);
  exampleCodeCases(() => app, PATIENCE);

  describe('when things break', () => {
    afterEach(() => page.close());

    it('explains a browser without WebGPU', async () => {
      await open('no-webgpu');
      await shown('#blocker');
      expect(await textOf('#blocker-title')).toBe('This browser has no WebGPU');
      expect(await page.$eval('#choose', (element) => element.checkVisibility())).toBe(false);
      await choose(photos.upright);
      expect(await page.$eval('#studio', (element) => element.checkVisibility())).toBe(false);
      expect(await violations(page)).toEqual([]);
    });

    it('explains a browser without an adapter, and can retry', async () => {
      await open('no-adapter');
      await shown('#blocker-retry');
      expect(await textOf('#blocker-title')).toBe('The browser found no graphics adapter');
      await (await workerOf(page)).evaluate('void self.plugIn()');
      await page.click('#blocker-retry');
      await page.waitForSelector('#blocker', { hidden: true });
      await shown('#adapter[data-state="slow"]');
    });

    it('survives the loss of the device', async () => {
      await open('mortal');
      await choose(photos.upright);
      await enhanced();
      await (await workerOf(page)).evaluate('self.isDoomed = true');
      await choose(photos.turned);
      await shown('#problem-retry');
      expect(await textOf('#problem-title')).toBe('The graphics device was lost');
      await page.click('#problem-retry');
      await enhanced();
      expect(await page.$$eval('[data-phase="done"]', (done) => done.length)).toBe(2);
    });

    it('survives a crash of the worker, and can be cancelled', async () => {
      const preparing = () =>
        page.waitForFunction(
          () => document.getElementById('pill-label')?.textContent === 'Preparing the network',
        );
      await open('held');
      await shown('#adapter[data-state="slow"]');
      await choose(photos.upright);
      await preparing();
      await (await workerOf(page)).evaluate("setTimeout(() => { throw new Error('a planned crash'); })");
      await shown('#problem-retry');
      expect(await textOf('#problem-title')).toBe('The enhancer stopped unexpectedly');
      const next = new Promise<WebWorker>((resolve) => page.once('workercreated', resolve));
      await page.click('#problem-retry');
      await preparing();
      expect(await page.title()).toBe('0% · upright.png');
      await page.click('#cancel');
      expect(await textOf('#pill-label')).toBe('Cancelling');
      await (await next).evaluate('self.release()');
      await shown('#problem-retry');
      expect(await textOf('#problem-title')).toBe('Cancelled');
    });
  });

  it('opens again without a network, after the first visit', { timeout: 6 * PATIENCE }, async () => {
    await open('plain');
    page.setDefaultTimeout(3 * PATIENCE);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await page.reload();
    await shown('#adapter[data-state="slow"]');
    await page.select('#model', 'nano');
    await choose(photos.upright);
    // Files not needed by every visitor are cached once they have been fetched.
    await page.waitForFunction(async () => {
      const kept = await Promise.all(
        (await caches.keys()).map(async (name) => (await caches.open(name)).keys()),
      );
      return kept.flat().some(({ url }) => /\/nano-[^/]*\.safetensors$/.test(url));
    });
    app.goOffline();
    await page.reload();
    expect(await textOf('h1')).toBe('Light for dark photos');
    await shown('#adapter[data-state="slow"]');
    await page.select('#model', 'nano');
    await choose(photos.upright);
    await enhanced();
    await page.reload();
    // The other page must load, even if a service worker answers.
    await page.click('a[href="./train.html"]');
    await page.waitForSelector('#setup');
    await page.close();
  });
});

function meanDifference(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;
}
