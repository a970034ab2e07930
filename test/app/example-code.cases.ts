import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ElementHandle, Page } from 'puppeteer';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildBrowserLibrary } from '../../scripts/browser-library.mjs';
import { type StaticServer, serveFolder } from '../../src/gpu/node/serve';
import { built, repository } from '../support/built';
import type { App } from './app-page';

const [WIDTH, HEIGHT] = [96, 64];

/** The pages of examples/code, with the library as it is published. */
export function exampleCodeCases(appOf: () => App, patience: number): void {
  describe('examples/code', () => {
    let folder: string;
    let server: StaticServer;
    let photo: string;
    let brightness: number;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'glocal-examples-'));
      let library = repository;
      if (!(await built())) {
        library = join(folder, 'package');
        await buildBrowserLibrary(join(library, 'dist/browser'), 'error');
        await cp(join(repository, 'weights'), join(library, 'weights'), { recursive: true });
      }
      // In another process: Vite only builds for production if NODE_ENV is not set otherwise.
      const { NODE_ENV: _, ...env } = process.env;
      const pages = join(folder, 'pages');
      const script = join(repository, 'scripts/live-examples.mjs');
      await promisify(execFile)(process.execPath, [script, pages, library], { env });
      server = await serveFolder(pages);
      photo = join(appOf().photos, 'example.jpg');
      await sharp('examples/meadow.jpg').resize(WIDTH, HEIGHT, { fit: 'fill' }).toFile(photo);
      brightness = mean(await sharp(photo).raw().toBuffer());
    });
    afterAll(async () => {
      await server?.close();
      await rm(folder, { recursive: true, force: true });
    });

    const open = async (name: string) => {
      const page = await appOf().chrome.browser.newPage();
      page.setDefaultTimeout(patience);
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(String(error)));
      page.on('console', (message) => {
        if (message.type() === 'error') errors.push(message.text());
      });
      await page.goto(`${server.url}${name}.html`);
      return { page, errors };
    };

    it.each(['page', 'worker', 'react'])('runs: %s', async (name) => {
      const { page, errors } = await open(name);
      await ((await page.$('input')) as ElementHandle<HTMLInputElement>).uploadFile(photo);
      const shown = await canvasOf(page, WIDTH, HEIGHT);
      expect(mean(shown)).toBeGreaterThan(1.2 * brightness);
      expect(errors).toEqual([]);
      await page.close();
    });

    it('runs: video', async () => {
      const origin = new URL(server.url).origin;
      await appOf().chrome.browser.defaultBrowserContext().overridePermissions(origin, ['camera']);
      const { page, errors } = await open('video');
      await page.click('#start');
      expect(mean(await canvasOf(page, 640, 480))).toBeGreaterThan(10);
      await page.click('#stop');
      await page.waitForSelector('#start:not([disabled])');
      expect(errors).toEqual([]);
      await page.close();
    });
  });
}

/** The opaque pixels of the page's canvas as RGB, once it has this size and is no longer empty. */
async function canvasOf(page: Page, width: number, height: number): Promise<number[]> {
  const pixels = await page.waitForFunction(
    (w, h) => {
      const canvas = document.querySelector('canvas')!;
      const { clientWidth, clientHeight } = canvas;
      if (clientWidth !== w || clientHeight !== h) return null;
      const copy = new OffscreenCanvas(w, h).getContext('2d')!;
      copy.drawImage(canvas, 0, 0);
      const { data } = copy.getImageData(0, 0, w, h);
      return data[3] === 255 ? [...data].filter((_, i) => i % 4 < 3) : null;
    },
    { polling: 200 },
    width,
    height,
  );
  return pixels.jsonValue() as Promise<number[]>;
}

const mean = (values: Iterable<number> & { readonly length: number }): number => {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
};
