/** Enhances camera frames in a canvas as fast as they are finished. Returns a function that stops it. */
import { Enhancer } from 'glocal';

export async function enhanceCamera(canvas: HTMLCanvasElement): Promise<() => Promise<void>> {
  const enhancer = await Enhancer.create({ model: 'instant' });
  const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 640 } });
  const video = Object.assign(document.createElement('video'), { srcObject: stream, muted: true });
  await video.play();
  let isOver = false;
  const loop = async () => {
    while (!isOver) {
      await enhancer.run(video, { output: canvas });
      // Lets the page draw, and waits while it is hidden.
      await new Promise(requestAnimationFrame);
    }
  };
  const done = loop();
  return async () => {
    isOver = true;
    for (const track of stream.getTracks()) track.stop();
    await done;
    await enhancer.dispose();
  };
}
