import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ElementHandle, Page } from 'puppeteer';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeWeights } from '../../src/model/weights';
import { hasBrowser } from '../support/page';
import { writeScenes } from '../train/scenes';
import { type App, openSite, savedFile, startApp } from './app-page';
import { violations } from './axe';
import { faultsOn, HANDHELDS, WINDOWS } from './layout';

/** Software adapters on busy machines are slow. */
const PATIENCE = 280_000;

/** Each takes a processor a second or two. So many that a run told to pause after the first cannot end before. */
const STEPS = 4;

describe.skipIf(!hasBrowser())('the training page in headless Chrome', { timeout: PATIENCE }, () => {
  let app: App;
  let folder: string;
  let page: Page;
  let complaints: { errors: string[]; foreign: string[] };

  beforeAll(async () => {
    app = await startApp();
    folder = await mkdtemp(join(tmpdir(), 'glocal-hdr-'));
    writeScenes(folder, ['meadow', 'harbour', 'chapel', 'workshop'], 96, 48);
    await writeFile(join(folder, 'broken.hdr'), 'not a picture');
    await sharp({ create: { width: 40, height: 24, channels: 3, background: '#203040' } })
      .png()
      .toFile(join(folder, 'photo.png'));
    ({ page, complaints } = await openSite(app, 'plain', 'train.html'));
    page.setDefaultTimeout(PATIENCE);
  });

  afterAll(async () => {
    await app?.close();
    await rm(folder, { recursive: true });
    expect(complaints).toEqual({ errors: [], foreign: [] });
  });

  const shown = (selector: string) => page.waitForSelector(selector, { visible: true });
  const status = () => page.$eval('#status', (element) => element.textContent ?? '');
  /**
   * Pauses from within the page as soon as the run has done this many steps; a request from here may arrive too late.
   */
  const pauseAt = (step: number) =>
    page.waitForFunction(
      (wanted) => {
        const done = Number(/^Step (\d+)/.exec(document.querySelector('#status')!.textContent!)?.[1]);
        const pause = document.querySelector<HTMLButtonElement>('#pause')!;
        if (!(done >= wanted && pause.checkVisibility())) return false;
        pause.click();
        return true;
      },
      { polling: 'mutation' },
      step,
    );
  const put = async (selector: string, ...files: string[]) => {
    const input = (await page.$(selector)) as ElementHandle<HTMLInputElement>;
    await input.uploadFile(...files);
  };

  it('takes HDR files and reports them', async () => {
    await shown('#setup');
    expect(await violations(page)).toEqual([]);
    const names = ['meadow.hdr', 'harbour.hdr', 'chapel.hdr', 'workshop.hdr', 'broken.hdr', 'photo.png'];
    await put('#files', ...names.map((name) => join(folder, name)));
    expect(await page.$eval('#chosen', (element) => element.textContent)).toMatch(
      /^5 HDR files, [\d.]+ [kM]B, copied/,
    );
  });

  it('trains, names the damaged file once, and pauses', async () => {
    await page.select('#size', 'nano');
    await page.select('#patch', '32');
    await page.$eval(
      '#steps',
      (element, steps) => {
        (element as HTMLInputElement).value = steps;
      },
      String(STEPS),
    );
    await page.click('#begin:not([disabled])');
    await pauseAt(1);
    await shown('#resume');
    expect(await status()).toMatch(new RegExp(`^Paused after step \\d+ of ${STEPS}$`));
    const notes = await page.$$eval('#notes li', (items) => items.map((item) => item.textContent ?? ''));
    expect(notes.filter((note) => note.includes('broken'))).toHaveLength(1);
  });

  it('is not touched by a second tab, which takes over once the first is closed', async () => {
    const paused = await status();
    const { page: second } = await openSite(app, 'plain', 'train.html');
    second.setDefaultTimeout(PATIENCE);
    await second.waitForSelector('#elsewhere', { visible: true });
    expect(await second.$$eval('button', (all) => all.filter((one) => one.checkVisibility()).length)).toBe(0);
    expect(await violations(second)).toEqual([]);
    // Background tabs draw no frames, which puppeteer waits for.
    await page.bringToFront();
    await page.reload();
    await shown('#elsewhere');
    await second.bringToFront();
    await second.waitForSelector('#resume', { visible: true });
    expect(await second.$eval('#status', (element) => element.textContent)).toBe(paused);
    await second.close();
    await page.bringToFront();
    await shown('#resume');
    expect(await status()).toBe(paused);
  });

  it('continues after a reload, and shows held-out scenes', async () => {
    const paused = Number(/step (\d+)/.exec(await status())![1]);
    await page.reload();
    await shown('#resume');
    expect(await status()).toBe(`Paused after step ${paused} of ${STEPS}`);
    await page.click('#resume');
    await page.waitForFunction(
      (done) => document.querySelector('#status')!.textContent === done,
      {},
      `Done: ${STEPS} steps`,
    );
    expect(await page.$$eval('#previews canvas', (canvases) => canvases.length)).toBe(9);
    expect(await page.$$eval('#chart canvas', (canvases) => canvases.length)).toBe(1);
    expect(await faultsOn(page, WINDOWS, false, 'trained')).toEqual({});
    expect(await faultsOn(page, HANDHELDS, true, 'trained')).toEqual({});
  });

  it('offers weights that the command line can read, and enhances a photo with them', async () => {
    await page.click('#weights:not([disabled])');
    const { config } = decodeWeights(await savedFile(app, 'weights.safetensors'), 'weights');
    expect(config).toMatchObject({ width: 8, globalWidth: 16, upsampling: 'balanced' });
    await put('#photo', join(folder, 'photo.png'));
    await shown('#tried');
    const { width, height, format } = await sharp(await savedFile(app, 'enhanced.png')).metadata();
    expect({ width, height, format }).toEqual({ width: 40, height: 24, format: 'png' });
  });

  it('forgets the run when told to', async () => {
    await page.click('#discard');
    await shown('#setup');
    await page.reload();
    await shown('#setup');
  });

  it('reports when the browser has no space for the scenes, and keeps none of them', async () => {
    const session = await page.createCDPSession();
    const { origin } = new URL(app.url('plain'));
    const kept = () => page.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0);
    await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: (await kept()) + 20_000 });
    await put('#files', join(folder, 'meadow.hdr'), join(folder, 'harbour.hdr'));
    await page.click('#begin:not([disabled])');
    await shown('#problem');
    expect(await page.$eval('#problem-title', (element) => element.textContent)).toBe(
      'The browser has no space left for files',
    );
    await session.send('Storage.overrideQuotaForOrigin', { origin });
    await page.reload();
    await shown('#setup');
  });
});
