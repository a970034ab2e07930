import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { hasBrowser } from '../support/page';
import { startApp } from './app-page';
import { screenshotAfterEnhancing } from './screenshot';

const COMMITTED = 'docs/images/page.png';

/** Mean level of a part of a picture of the page, left or right of the slider. */
async function level(png: Uint8Array | string, left: number): Promise<number> {
  const part = sharp(png).extract({ left, top: 120, width: 400, height: 580 }).removeAlpha();
  const { channels } = await sharp(await part.png().toBuffer()).stats();
  return channels.reduce((sum, { mean }) => sum + mean / channels.length, 0);
}

describe.skipIf(!hasBrowser())('the picture of the page in the README', { timeout: 600_000 }, () => {
  it('is what the page shows after enhancing an example: dark left, bright right', async () => {
    const app = await startApp();
    try {
      const png = await screenshotAfterEnhancing(app, 'examples/meadow.jpg');
      expect(await sharp(png).metadata()).toMatchObject({ format: 'png', width: 1280, height: 800 });
      const [before, after] = [await level(png, 200), await level(png, 680)];
      expect(after).toBeGreaterThan(2 * before);
      // Fonts and browsers differ; the photo does not.
      expect(await level(COMMITTED, 200)).toBeCloseTo(before, -1);
      expect(await level(COMMITTED, 680)).toBeCloseTo(after, -1);
    } finally {
      await app.close();
    }
  });
});
