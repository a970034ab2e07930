import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ElementHandle, Page } from 'puppeteer';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileSize } from '../../src/app/text/language';
import { type App, type Complaints, openSite, savedFile } from './app-page';
import type { writePhotos } from './photos';

/** Everything else that people do on the page: compare, zoom, save in other formats, come back. */
export function useCases(
  appOf: () => App,
  photosOf: () => Awaited<ReturnType<typeof writePhotos>>,
  patience: number,
): void {
  let page: Page;
  let complaints: Complaints;

  async function open(file = ''): Promise<void> {
    ({ page, complaints } = await openSite(appOf(), 'plain', file));
    page.setDefaultTimeout(patience);
    await shown('#adapter[data-state="slow"]');
  }
  const shown = (selector: string) => page.waitForSelector(selector, { visible: true });
  const textOf = (selector: string) => page.$eval(selector, (element) => element.textContent?.trim() ?? '');
  const fieldOf = (id: string) => page.$eval(id, (element) => (element as HTMLInputElement).value);
  const splitOf = () => page.$eval('#divider', (element) => Number(element.getAttribute('aria-valuenow')));
  const frame = () => page.evaluate(() => new Promise(requestAnimationFrame));
  async function upload(selector: string, ...files: string[]): Promise<void> {
    await ((await page.$(selector)) as ElementHandle<HTMLInputElement>).uploadFile(...files);
  }
  const toast = (words: string) =>
    page.waitForFunction(
      (wanted) => document.querySelector('.toast')?.textContent?.includes(wanted) === true,
      {},
      words,
    );

  /** Sum of what the canvas shows. */
  const brightness = async () => {
    await frame();
    return page.$eval('#view', (element) => {
      const canvas = element as HTMLCanvasElement;
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      return data.reduce((total, value, i) => total + (i % 4 === 3 ? 0 : value), 0);
    });
  };

  let clock = 0;

  /** A press with timestamps of the given duration, however long this machine takes. */
  async function press(x: number, y: number, seconds: number): Promise<void> {
    const session = await page.createCDPSession();
    // Far enough from the last press that the two do not make a double click.
    clock = Math.max(clock, Date.now() / 1000) + 1;
    const now = clock;
    for (const [type, timestamp] of [
      ['mousePressed', now],
      ['mouseReleased', now + seconds],
    ] as const)
      await session.send('Input.dispatchMouseEvent', {
        type,
        x,
        y,
        button: 'left',
        clickCount: 1,
        timestamp,
      });
    await session.detach();
  }

  describe('in use', () => {
    beforeAll(() => open());
    afterAll(() => page.close());

    it('shows the original while a key, button or pointer is held', async () => {
      await upload('#file', photosOf().upright, photosOf().wide);
      await page.waitForFunction(() => document.querySelectorAll('[data-phase="done"]').length === 2);
      await shown('#divider');
      await page.focus('#divider');
      await page.keyboard.press('End');
      const before = await brightness();
      await page.keyboard.press('Home');
      const after = await brightness();
      expect(after).toBeGreaterThan(before);
      await page.evaluate(() => (document.activeElement as HTMLElement).blur());
      await page.keyboard.down('b');
      expect(await brightness()).toBe(before);
      await page.keyboard.up('b');
      expect(await brightness()).toBe(after);
      for (const target of ['#hold-before', '#view']) {
        const box = (await (await page.$(target))!.boundingBox())!;
        await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
        await page.mouse.down();
        await page.waitForSelector('#tag-after', { hidden: true });
        expect(await brightness()).toBe(before);
        await page.mouse.up();
        await shown('#tag-after');
      }
      expect(await brightness()).toBe(after);
    });

    it('moves the divider to a click; shows both pictures side by side', async () => {
      const box = (await (await page.$('#stage'))!.boundingBox())!;
      await press(box.x + box.width / 2, box.y + 20, 0.05);
      await page.waitForFunction(
        () => document.getElementById('divider')?.getAttribute('aria-valuenow') === '50',
      );
      await press(box.x + box.width / 2 + 60, box.y + 20, 0.05);
      await page.waitForFunction(
        () => Number(document.getElementById('divider')?.getAttribute('aria-valuenow')) > 50,
      );
      const split = await splitOf();
      await page.keyboard.press('s');
      expect(await page.$eval('#side-by-side', (element) => element.getAttribute('aria-pressed'))).toBe(
        'true',
      );
      await page.waitForSelector('#divider', { hidden: true });
      await shown('#tag-after');
      await page.click('#side-by-side');
      await shown('#divider');
      expect(await splitOf()).toBe(split);
      const histogram = await page.$eval('#histogram', (element) => element.getAttribute('aria-label'));
      expect(histogram).toMatch(/^Histogram of brightness. Mean before \d+%, after \d+%.$/);
    });

    it('lists its keys; they select photos and save, whatever has the focus', async () => {
      await page.keyboard.press('?');
      await shown('#help[open]');
      expect(await textOf('#help-list')).toContain('Show the original, while held');
      await page.keyboard.press('Escape');
      await page.waitForSelector('#help[open]', { hidden: true });
      await page.evaluate(() => (document.activeElement as HTMLElement).blur());
      const current = () =>
        page.$$eval('.thumb', (thumbs) => thumbs.findIndex((thumb) => thumb.ariaCurrent === 'true'));
      expect(await current()).toBe(0);
      await page.keyboard.press('ArrowRight');
      expect(await current()).toBe(1);
      await page.keyboard.press('ArrowLeft');
      expect(await current()).toBe(0);
      await page.keyboard.down('Control');
      await page.keyboard.press('s');
      await page.keyboard.up('Control');
      await toast('Saved: upright-enhanced.png');
      await savedFile(appOf(), 'upright-enhanced.png');
    });

    it('shows the result on the thumbnail, at its strength', async () => {
      const level = () =>
        page.$eval('#strip li:first-child canvas', (element) => {
          const canvas = element as HTMLCanvasElement;
          const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height >> 1);
          return data.reduce((total, value) => total + value, 0);
        });
      await page.focus('#strength');
      await page.keyboard.press('Home');
      const before = await level();
      const box = (await (await page.$('#strength'))!.boundingBox())!;
      await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2, { count: 2 });
      expect(await textOf('#strength-value')).toBe('100%');
      expect(await level()).toBeGreaterThan(before);
    });

    it('saves in the requested format, quality and name, with the size it showed', async () => {
      await page.select('#type', 'image/jpeg');
      await page.focus('#quality');
      for (let step = 0; step < 4; step++) await page.keyboard.press('PageDown');
      await page.focus('#name');
      await page.$eval('#name', (element) => (element as HTMLInputElement).select());
      await page.keyboard.type('my beach');
      await page.waitForFunction(() => document.getElementById('size')?.textContent?.startsWith('JPEG'));
      await page.click('#save');
      const saved = await savedFile(appOf(), 'my beach.jpg');
      expect(await textOf('#size')).toBe(`JPEG, ${fileSize(saved.length)}`);
      const { dominant } = await sharp(saved).extract({ left: 90, top: 60, width: 4, height: 3 }).stats();
      // Half transparent below, over white.
      expect(dominant.b).toBeGreaterThan(100);
    });

    it('copies the picture as PNG', async () => {
      // A headless machine may have no clipboard.
      await page.evaluate(() => {
        navigator.clipboard.write = async ([item]) => {
          const bitmap = await createImageBitmap(await item!.getType('image/png'));
          document.body.dataset.copied = `${bitmap.width} x ${bitmap.height}`;
        };
      });
      await page.click('#copy');
      await toast('Copied: upright.png');
      expect(await page.$eval('body', (body) => body.dataset.copied)).toBe('96 x 64');
    });

    it('accepts own weights, and says what is wrong with unusable ones', async () => {
      const bad = join(appOf().photos, 'bad.safetensors');
      await writeFile(bad, 'no weights');
      await upload('#own-file', bad);
      await shown('#problem');
      expect(await textOf('#problem-title')).toBe('This weight file cannot be used');
      // Weight files are recognised among photos, dropped or chosen. This one compiles quickly.
      await upload('#file', 'weights/instant.safetensors');
      await shown('#save:not([disabled])');
      expect(
        await page.$eval('#model', (element) => (element as HTMLSelectElement).selectedOptions[0]?.text),
      ).toBe('instant.safetensors');
    });

    it('uses the chosen language, keeps settings, and asks before unsaved photos are lost', async () => {
      await page.select('#model', 'nano');
      await page.click('#finish');
      await page.select('#language', 'de');
      await page.waitForFunction(() => document.documentElement.lang === 'de');
      expect(await textOf('#save')).toBe('Speichern');
      expect(await page.title()).not.toMatch(/light for/);
      const asked = new Promise<string>((resolve) => {
        page.once('dialog', (dialog) => resolve(dialog.type()));
      });
      await page.reload();
      expect(await asked).toBe('beforeunload');
      await page.waitForFunction(() => document.documentElement.lang === 'de');
      expect(await textOf('h1')).toBe('Licht für dunkle Fotos');
      expect([await fieldOf('#model'), await fieldOf('#type')]).toEqual(['nano', 'image/jpeg']);
      expect(await page.$eval('#finish', (element) => (element as HTMLInputElement).checked)).toBe(true);
      expect(complaints).toEqual({ errors: [], foreign: [] });
    });
  });

  describe('with other ways in and out', () => {
    beforeAll(() => open('?url=https://photos.example/beach.jpg'));
    afterAll(() => page.close());

    it('refuses a link to a photo, and says why', async () => {
      expect(await textOf('#refusal')).toMatch(/^Links to photos are not followed/);
      expect(new URL(page.url()).search).toBe('');
      expect(complaints).toEqual({ errors: [], foreign: [] });
    });

    it('takes photos shared by another program without showing them to a server', async () => {
      await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
      await page.reload();
      const bytes = [...(await sharp(photosOf().wide).resize(48).png().toBuffer())];
      const isKept = await page.evaluate(async (photo) => {
        const form = new FormData();
        form.append(
          'photos',
          new File([Uint8Array.from(photo)], 'shared by phone.png', { type: 'image/png' }),
        );
        await fetch('./share', { method: 'POST', body: form });
        return (await caches.keys()).some((name) => name.endsWith(' shared'));
      }, bytes);
      expect(isKept).toBe(true);
      await page.goto(`${appOf().url('plain')}?shared`);
      await shown('#save:not([disabled])');
      expect(await textOf('#caption')).toMatch(/^shared by phone.png/);
      expect(new URL(page.url()).search).toBe('');
      // Only once: after a reload nothing is found.
      await page.reload();
      await shown('#adapter[data-state="slow"]');
      expect(await page.$eval('#studio', (element) => element.checkVisibility())).toBe(false);
    });

    it('takes a folder and saves next to the originals, under an unused name', async () => {
      const bytes = [...(await sharp(photosOf().wide).resize(48).png().toBuffer())];
      // The picker belongs to the browser; a folder in the page's private file system replaces its result.
      await page.evaluate(async (photo) => {
        const root = await navigator.storage.getDirectory();
        const folder = await root.getDirectoryHandle('album', { create: true });
        const nested = await folder.getDirectoryHandle('june', { create: true });
        for (const [place, name] of [
          [folder, 'a.png'],
          [nested, 'b.png'],
          [folder, 'notes.txt'],
          [folder, '._a.png'],
        ] as const) {
          const file = await place.getFileHandle(name, { create: true });
          const stream = await file.createWritable();
          await stream.write(Uint8Array.from(photo));
          await stream.close();
        }
        Object.assign(globalThis, { showDirectoryPicker: async () => folder });
        const prototype = FileSystemDirectoryHandle.prototype as unknown as Record<string, unknown>;
        prototype.requestPermission = async () => 'granted';
      }, bytes);
      const names = () =>
        page.evaluate(async () => {
          const root = await navigator.storage.getDirectory();
          const folder = await root.getDirectoryHandle('album');
          const found = [];
          for await (const name of folder.keys()) found.push(name);
          return found.sort();
        });
      // Where the button is, from the first moment it can be pressed.
      await page.evaluate(() => {
        const button = document.getElementById('save-beside') as HTMLButtonElement;
        const places = new Set<number>();
        const look = () => {
          if (button.checkVisibility() && !button.disabled) places.add(button.getBoundingClientRect().top);
          requestAnimationFrame(look);
        };
        look();
        Object.assign(globalThis, { places });
      });
      await page.click('#choose-folder');
      await page.waitForFunction(() => document.querySelectorAll('[data-phase="done"]').length === 2);
      await shown('#save-beside:not([disabled])');
      await page.waitForFunction(() => document.getElementById('size')?.textContent?.startsWith('PNG'));
      expect(
        await page.evaluate(() => [...(globalThis as unknown as { places: Set<number> }).places]),
      ).toHaveLength(1);
      for (const name of ['a-enhanced.png', 'a-enhanced (2).png']) {
        await page.click('#save-beside:not([disabled])');
        await toast(`Saved: ${name}`);
      }
      expect(await names()).toEqual([
        '._a.png',
        'a-enhanced (2).png',
        'a-enhanced.png',
        'a.png',
        'june',
        'notes.txt',
      ]);
      await page.click('#save-folder');
      await toast('2 photos saved');
      expect(await names()).toContain('b-enhanced.png');
      expect(complaints).toEqual({ errors: [], foreign: [] });
    });
  });
}
