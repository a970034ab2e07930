import { describe, expect, it } from 'vitest';
import { parseResults } from '../../src/bench/result-file';
import { type App, openSite, savedFile } from './app-page';
import { violations } from './axe';

/** The page that measures the visitor's adapter, with hardly any work. */
export function benchCases(appOf: () => App, patience: number): void {
  describe('bench', () => {
    it('measures network, training step and kernels with one click, in a file that glocal bench compare reads', async () => {
      const app = appOf();
      const { page, complaints } = await openSite(app, 'plain', 'bench.html?quick');
      page.setDefaultTimeout(patience);
      const origin = new URL(app.url('plain')).origin;
      const context = app.chrome.browser.defaultBrowserContext();
      await context.overridePermissions(origin, [
        'clipboard-read',
        'clipboard-write',
        'clipboard-sanitized-write',
      ]);
      expect(await violations(page)).toEqual([]);
      await page.click('#start');
      await page.waitForSelector('#copy:not([disabled])');
      expect(await page.$eval('#status', (element) => element.textContent)).toMatch(
        /^Done, on a software adapter/,
      );
      const table = await page.$$eval('#rows tr', (rows) =>
        rows.map((row) => [...row.children].map(({ textContent }) => textContent ?? '')),
      );
      const [network, training, addition] = table;
      expect(network?.[0]).toMatch(/^forward, width 4 at 32x32/);
      expect(training?.[0]).toMatch(/^training step, width 4, 2 x 32x32/);
      expect(addition?.[0]).toMatch(/^addition/);
      for (const [, ms, perMegapixel] of [network!, training!]) {
        expect(Number(ms)).toBeGreaterThan(0);
        expect(Number(perMegapixel)).toBeGreaterThan(Number(ms));
      }
      // So little work does not tell the adapter's peak.
      for (const [, , , share] of table) expect(share).toBe('');
      expect(await violations(page)).toEqual([]);

      await page.click('#keep');
      const file = String(await savedFile(app, 'glocal-bench.json'));
      const results = parseResults(file, 'the file');
      expect(results.map(({ bench }) => bench)).toEqual(['network', 'training', 'kernels']);
      expect(results[0]!.environment).toMatchObject({
        software: true,
        runtime: expect.stringMatching(/^Chrome/),
      });
      await page.click('#copy');
      await page.waitForSelector('.toast');
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(file);
      expect(complaints).toEqual({ errors: [], foreign: [] });

      // There is no TensorFlow.js beside this page.
      await page.click('#against');
      await page.select('#language', 'de');
      await page.click('#start');
      await page.waitForFunction(() =>
        document.querySelector('.toast.bad')?.textContent?.includes('TensorFlow.js'),
      );
      expect(complaints.foreign).toEqual([]);
      complaints.errors.length = 0;
      await page.close();
    });
  });
}
