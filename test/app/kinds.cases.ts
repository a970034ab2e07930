import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'puppeteer-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crc32 } from '../../src/photo/bytes';
import { type App, type Complaints, openSite, savedFile } from './app-page';
import { darkPixels, HEIGHT, WIDTH } from './photos';

/** Files as written by cameras, phones and other programs, dropped in a folder: see docs/formats.md. */
export function kindsCases(appOf: () => App, patience: number): void {
  let page: Page;
  let complaints: Complaints;
  let saved: Map<string, Buffer>;

  const picture = () =>
    sharp(darkPixels(), { raw: { width: WIDTH, height: HEIGHT, channels: 4 } }).removeAlpha();
  const textOf = (selector: string) => page.$eval(selector, (element) => element.textContent?.trim() ?? '');
  const files = async (): Promise<Record<string, Uint8Array>> => {
    const jpeg = await picture().jpeg({ quality: 98 }).toBuffer();
    const png = await picture().png().toBuffer();
    const behindJfif = 4 + jpeg.readUInt16BE(4);
    const gamma = Buffer.from('\0\0\0\x04gAMA\0\x01\x86\xa0\0\0\0\0', 'latin1');
    gamma.writeUInt32BE(crc32(gamma.subarray(4, 12)), 12);
    const deep = Uint16Array.from(await picture().raw().toBuffer(), (value) => 257 * value);
    return {
      'a-stray.jpg': Buffer.concat([
        jpeg.subarray(0, behindJfif),
        Buffer.alloc(3),
        jpeg.subarray(behindJfif),
      ]),
      'b-zeros.gif': Buffer.concat([await picture().gif().toBuffer(), Buffer.alloc(3)]),
      'c-turned.webp': await picture().withMetadata({ orientation: 6 }).webp({ quality: 95 }).toBuffer(),
      'd-deep.png': await sharp(deep, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
        .toColourspace('rgb16')
        .png()
        .toBuffer(),
      'e-linear.png': Buffer.concat([png.subarray(0, 33), gamma, png.subarray(33)]),
      'f-facts.avif': await picture()
        .withExif({ IFD0: { Artist: 'Ann' } })
        .avif({ quality: 95 })
        .toBuffer(),
      'nested/g.jfif': jpeg,
      'nested/h.tif': await picture().tiff().toBuffer(),
      'nested/i.JPG': jpeg,
      // createImageBitmap refuses it as it is.
      'nested/j-no-end.jpg': jpeg.subarray(0, -2),
      // Skipped: hidden, a Mac's resource fork, not a photo.
      '.hidden.jpg': jpeg,
      'nested/._i.JPG': Buffer.from('\0\x05\x16\x07'),
      'notes.txt': Buffer.from('Nothing to see here.'),
    };
  };

  describe('with a dropped folder of files of all kinds', () => {
    beforeAll(async () => {
      const app = appOf();
      const folder = join(app.photos, 'kinds');
      await mkdir(join(folder, 'nested'), { recursive: true });
      for (const [name, bytes] of Object.entries(await files())) await writeFile(join(folder, name), bytes);
      ({ page, complaints } = await openSite(app, 'plain'));
      page.setDefaultTimeout(patience);
      await page.waitForSelector('#adapter[data-state="slow"]', { visible: true });
      const session = await page.createCDPSession();
      const data = { items: [], files: [folder], dragOperationsMask: 1 };
      for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
        await session.send('Input.dispatchDragEvent', { type, x: 400, y: 300, data });
      saved = new Map();
    });
    afterAll(() => page.close());

    const select = async (n: number) => {
      await page.click(`#strip li:nth-child(${n}) .thumb`);
      await page.waitForSelector('#save:not([disabled])', { visible: true });
    };
    const save = async (n: number, name: string) => {
      await select(n);
      await page.click('#save');
      const bytes = saved.get(name) ?? (await savedFile(appOf(), name));
      saved.set(name, bytes);
      return bytes;
    };

    it('takes its photos, including nested ones, and skips the rest', async () => {
      await page.waitForFunction(
        () => document.querySelectorAll('[data-phase="done"], [data-phase="failed"]').length === 10,
      );
      const phases = await page.$$eval('.badge', (all) =>
        all.map((badge) => (badge as HTMLElement).dataset.phase),
      );
      expect(phases).toEqual([...Array(7).fill('done'), 'failed', 'done', 'done']);
      await page.click('#strip li:nth-child(8) .thumb');
      expect(await textOf('#problem-title')).toBe('This browser cannot read TIFF');
      expect(await textOf('#problem-advice')).toMatch(/command line/);
    });

    it('turns a WebP upright by its EXIF, and resets the tag', async () => {
      const { width, height, orientation } = await sharp(await save(3, 'c-turned-enhanced.webp')).metadata();
      expect([width, height, orientation]).toEqual([HEIGHT, WIDTH, 1]);
    });

    it('says that it works in 8 bits', async () => {
      await select(4);
      expect(await textOf('#photo-notes')).toMatch(/this page works in 8/);
      await select(1);
      expect(await page.$eval('#photo-notes', (element) => element.checkVisibility())).toBe(false);
    });

    it('keeps EXIF of an AVIF', async () => {
      const { exif } = await sharp(await save(6, 'f-facts-enhanced.jpg')).metadata();
      expect(exif?.includes('Ann')).toBe(true);
    });

    it('shows a PNG of linear light at strength 0 as the browser does', async () => {
      await select(5);
      await page.focus('#strength');
      await page.keyboard.press('Home');
      const pixels = await sharp(await save(5, 'e-linear-enhanced.png'))
        .removeAlpha()
        .raw()
        .toBuffer();
      // IEC 61966-2-1.
      const encode = (light: number) =>
        255 * (light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055);
      const given = darkPixels();
      for (let i = 0; i < WIDTH * HEIGHT; i += 97)
        for (let c = 0; c < 3; c++)
          expect(Math.abs(pixels[3 * i + c]! - encode(given[4 * i + c]! / 255))).toBeLessThan(2);
      expect(complaints).toEqual({ errors: [], foreign: [] });
    });
  });
}
