import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, ElementHandle, Page } from 'puppeteer';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChrome, newPage } from '../../src/gpu/node/launch-chrome';
import { Enhancer, enhanceBytes } from '../../src/index-node';
import { tinyWeights } from '../enhance/support';
import { findFirefox, launchFirefox } from '../support/firefox';
import { openTestGpu } from '../support/gpu';
import { hasBrowser, QUICK_TO_COMPILE } from '../support/page';
import { openSite, type ServedApp, savedFile, saveTo, serveApp, workerOf } from './app-page';
import { darkPixels, HEIGHT, WIDTH } from './photos';

/** Software adapters on busy machines are slow. */
const PATIENCE = 240_000;

// Here the browser is the one that a visitor may have: an installed one if there is one.
if (process.env.GLOCAL_CHROME === 'bundled') delete process.env.GLOCAL_CHROME;

const PHOTO = 'dark.png';
const SAVED = 'dark-enhanced.png';

type Network = 'instant' | 'own';
const INSTANT: readonly Network[] = ['instant'];
/** Browsers on software adapters compile the kernels of the second for half a minute. */
const NETWORKS: readonly Network[] = process.env.GLOCAL_ALL_CASES ? ['instant', 'own'] : INSTANT;

/** A local-global network; the page has a bilateral-grid one. */
const OWN = 'tiny.safetensors';

/**
 * The page end to end on adapters other than the usual one: each enhances a photo with the page's network and with a
 * visitor's weight file, and saves the same as Vulkan in Node, within one level.
 */
describe('the page, from file to file,', { timeout: PATIENCE }, () => {
  let served: ServedApp;
  let photo: string;
  let weights: string;
  let expected: { readonly instant: Buffer; readonly own: Buffer };

  beforeAll(async () => {
    served = await serveApp();
    photo = join(served.photos, PHOTO);
    weights = join(served.photos, OWN);
    await writeFile(weights, tinyWeights());
    const picture = sharp(darkPixels(), { raw: { width: WIDTH, height: HEIGHT, channels: 4 } });
    const bytes = await picture.removeAlpha().png().toBuffer();
    await writeFile(photo, bytes);
    const gpu = await openTestGpu();
    const enhanced = async (model: string | Uint8Array) => {
      const enhancer = await Enhancer.create({ gpu, model });
      const result = await enhanceBytes(enhancer, bytes);
      await enhancer.dispose();
      return pixelsOf(result.bytes);
    };
    expected = { instant: await enhanced('instant'), own: await enhanced(tinyWeights()) };
  });
  afterAll(() => served?.close());

  /** Enhances with both networks and compares the saved files. */
  async function expectAsVulkan(page: Page, networks: readonly Network[]): Promise<void> {
    page.setDefaultTimeout(PATIENCE);
    const choose = async (path: string) => {
      await ((await page.$('#file')) as ElementHandle<HTMLInputElement>).uploadFile(path);
    };
    const save = async () => {
      await page.waitForSelector('#save:not([disabled])', { visible: true });
      await page.click('#save');
      return pixelsOf(await savedFile(served, SAVED));
    };
    await page.waitForFunction(() =>
      ['ready', 'slow'].includes(document.getElementById('adapter')?.dataset.state ?? ''),
    );
    for (const network of networks) {
      if (network === 'own') await choose(weights);
      if (network === networks[0]) await choose(photo);
      const name = network === 'own' ? OWN : 'instant';
      await page.waitForFunction(
        (wanted) =>
          (document.getElementById('model') as HTMLSelectElement).selectedOptions[0]?.text.startsWith(
            wanted,
          ) && document.querySelector('[data-phase="done"]'),
        {},
        name,
      );
      expect(furthest(await save(), expected[network]), network).toBeLessThanOrEqual(1);
    }
  }

  describe.skipIf(!hasBrowser())('in Chrome on SwiftShader', () => {
    let chrome: Awaited<ReturnType<typeof launchChrome>>;

    beforeAll(async () => {
      chrome = await launchChrome({ software: true, args: QUICK_TO_COMPILE });
      await saveTo(served.downloads, chrome);
    });
    afterAll(() => chrome?.browser.close());

    it.each([
      ['hidden', INSTANT],
      ['capped', NETWORKS],
    ] as const)('whose adapter is %s: by the kernels for GPUs', async (site, networks) => {
      const { page, complaints } = await openSite({ ...served, chrome }, site);
      await expectAsVulkan(page, networks);
      // A software adapter would be shown as "slow".
      expect(await page.$eval('#adapter', (element) => (element as HTMLElement).dataset.state)).toBe('ready');
      if (site === 'hidden') {
        // Families of kernels raced, and what won is known on the next visit.
        const measured = () =>
          page.waitForFunction(() =>
            document.getElementById('adapter-kernels')?.textContent?.startsWith('Kernels: measured here'),
          );
        await measured();
        await page.reload();
        await measured();
      }
      if (site === 'capped') expect(await (await workerOf(page)).evaluate('self.lanes')).toBe(128);
      expect(complaints).toEqual({ errors: [], foreign: [] });
      await page.close();
    });
  });

  it.skipIf(!hasBrowser())('in Chrome on OpenGL ES, which has compatibility mode alone', async ({ skip }) => {
    const chrome = await launchChrome({
      software: false,
      args: [
        '--use-webgpu-adapter=opengles',
        '--use-gl=angle',
        '--use-angle=swiftshader',
        '--disable-gpu-watchdog',
      ],
    });
    try {
      await saveTo(served.downloads, chrome);
      const { page, complaints } = await openSite({ ...served, chrome }, 'compatible');
      const isThere = await page.evaluate(async () =>
        Boolean(await navigator.gpu?.requestAdapter({ featureLevel: 'compatibility' })),
      );
      if (!isThere) skip(`SKIPPED: ${chrome.version} has no WebGPU on OpenGL ES here.`);
      await expectAsVulkan(page, INSTANT);
      expect(await (await workerOf(page)).evaluate('self.hasCore')).toBe(false);
      expect(complaints).toEqual({ errors: [], foreign: [] });
    } finally {
      await chrome.browser.close();
    }
  });

  const firefox = findFirefox();
  it.skipIf(!firefox)('in Firefox', async () => {
    const browser: Browser = await launchFirefox(firefox!, served.downloads);
    try {
      const page = await newPage(browser);
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(String(error)));
      await page.goto(served.url('plain'), { waitUntil: 'load' });
      await expectAsVulkan(page, NETWORKS);
      expect(errors).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});

const pixelsOf = (file: Uint8Array): Promise<Buffer> => sharp(file).removeAlpha().raw().toBuffer();

/** Largest difference in levels. */
function furthest(a: Buffer, b: Buffer): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}
