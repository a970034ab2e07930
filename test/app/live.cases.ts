import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { type App, openSite, savedFile } from './app-page';
import { violations } from './axe';

/** Frames that must pass without a new buffer; a software adapter takes a minute or two for all of them. */
const FRAMES = process.env.GLOCAL_ALL_CASES ? 300 : 12;

/** The page for cameras, with the browser's fake camera. */
export function liveCases(appOf: () => App, patience: number): void {
  describe('live', () => {
    it('enhances camera frames without allocating buffers', {
      timeout: 4 * patience,
    }, async () => {
      const app = appOf();
      const origin = new URL(app.url('plain')).origin;
      await app.chrome.browser.defaultBrowserContext().overridePermissions(origin, ['camera']);
      const { page, complaints } = await openSite(app, 'plain', 'live.html');
      page.setDefaultTimeout(3 * patience);
      expect(await violations(page)).toEqual([]);
      await page.evaluate(() => {
        const made = { buffers: 0 };
        Object.assign(globalThis, { made });
        const { createBuffer } = GPUDevice.prototype;
        GPUDevice.prototype.createBuffer = function (...options) {
          made.buffers++;
          return createBuffer.apply(this, options);
        };
        const { destroy } = GPUBuffer.prototype;
        GPUBuffer.prototype.destroy = function () {
          made.buffers--;
          return destroy.call(this);
        };
      });
      const buffers = () =>
        page.evaluate(() => (globalThis as unknown as { made: { buffers: number } }).made.buffers);
      const frames = (count: number) =>
        page.waitForFunction(
          (wanted) => Number(document.getElementById('live')?.dataset.frames) >= wanted,
          {},
          count,
        );
      await page.select('#lines', '240');
      await page.click('#camera');
      await frames(5);
      expect(await page.$eval('#status', (element) => element.textContent)).toMatch(
        /^\d+ frames per second, /,
      );
      const held = await buffers();
      expect(held).toBeGreaterThan(0);
      await frames(FRAMES);
      expect(await buffers()).toBe(held);

      await page.click('#snapshot');
      const after = await sharp(await savedFile(app, 'glocal-snapshot.png')).stats();
      await page.focus('#split');
      await page.keyboard.press('End');
      await page.click('#snapshot');
      const before = await sharp(await savedFile(app, 'glocal-snapshot.png')).stats();
      // The fake camera's picture moves, but its colours stay the same.
      const mean = (stats: typeof before) => stats.channels.reduce((sum, channel) => sum + channel.mean, 0);
      expect(before.isOpaque).toBe(true);
      expect(Math.abs(mean(after) - mean(before))).toBeGreaterThan(1);
      await page.click('#stop');
      await page.waitForSelector('#invitation', { visible: true });
      // One buffer stays with the device: it counts runs.
      await expect.poll(buffers, { timeout: patience }).toBe(1);
      expect(complaints).toEqual({ errors: [], foreign: [] });
      await page.close();
    });
  });
}
