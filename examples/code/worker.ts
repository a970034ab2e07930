/**
 * A web worker: receives { photo, canvas } once, then { photo }, so that the page stays responsive. See worker-page.ts.
 */
import { Enhancer } from 'glocal';

const enhancer = Enhancer.create({ model: 'instant' });
let canvas: OffscreenCanvas | undefined;

addEventListener('message', async ({ data }: MessageEvent<{ photo: Blob; canvas?: OffscreenCanvas }>) => {
  canvas = data.canvas ?? canvas;
  if (!canvas) return;
  try {
    await (await enhancer).run(data.photo, {
      output: canvas,
      onProgress: (share) => postMessage({ share }),
    });
  } catch (error) {
    postMessage({ error: String(error) });
  }
});
