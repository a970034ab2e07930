import { Enhancer, GlocalError, type ImageSource } from '../../src/index';

/** Runs in a page: see `sources.test.ts`. */

let enhancer: Enhancer;
let photo: Blob;
let address: string;

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

async function open(weights: string, base64: string): Promise<void> {
  enhancer = await Enhancer.create({ model: bytesOf(weights) });
  photo = new Blob([bytesOf(base64)], { type: 'image/png' });
  address = URL.createObjectURL(photo);
}

async function pixelsOf(drawn: CanvasImageSource & { width: number; height: number }): Promise<ImageData> {
  const context = new OffscreenCanvas(drawn.width, drawn.height).getContext('2d')!;
  context.drawImage(drawn, 0, 0);
  return context.getImageData(0, 0, drawn.width, drawn.height);
}

async function sources(): Promise<Record<string, ImageSource>> {
  const bitmap = await createImageBitmap(photo);
  const { width, height } = bitmap;
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  canvas.getContext('2d')!.drawImage(bitmap, 0, 0);
  const offscreen = new OffscreenCanvas(width, height);
  offscreen.getContext('2d')!.drawImage(bitmap, 0, 0);
  const { data } = await pixelsOf(bitmap);
  return {
    ImageData: await pixelsOf(bitmap),
    pixels: { data, width, height },
    Blob: photo,
    File: new File([photo], 'dark.png'),
    bytes: new Uint8Array(await photo.arrayBuffer()),
    URL: new URL(address),
    ImageBitmap: bitmap,
    HTMLImageElement: image,
    HTMLCanvasElement: canvas,
    OffscreenCanvas: offscreen,
    VideoFrame: new VideoFrame(bitmap, { timestamp: 0 }),
  };
}

async function runSources(): Promise<Record<string, number[]>> {
  const results: Record<string, number[]> = {};
  for (const [name, source] of Object.entries(await sources()))
    results[name] = [...(await enhancer.run(source)).data];
  return results;
}

async function runOutputs() {
  const source = await createImageBitmap(photo);
  const { data } = await enhancer.run(source);
  const canvas = document.createElement('canvas');
  await enhancer.run(source, { output: canvas });
  const offscreen = await enhancer.run(source, { output: new OffscreenCanvas(1, 1) });
  const file = await enhancer.run(source, { output: 'blob', format: 'png' });
  const given = {
    imageData: await enhancer.run(source, { output: 'imageData' }),
    bitmap: await pixelsOf(await enhancer.run(source, { output: 'bitmap' })),
    blob: await pixelsOf(await createImageBitmap(file)),
    canvas: await pixelsOf(canvas),
    offscreen: await pixelsOf(offscreen),
  };
  const outputs = Object.fromEntries(Object.entries(given).map(([name, image]) => [name, [...image.data]]));
  return { reference: [...data], outputs };
}

async function runFile(base64: string): Promise<string> {
  const file = await enhancer.run(new Blob([bytesOf(base64)]), { output: 'blob' });
  const bytes = new Uint8Array(await file.arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

async function misuse(): Promise<Record<string, string>> {
  const bitmap = await createImageBitmap(photo);
  bitmap.close();
  const webgl = document.createElement('canvas');
  webgl.getContext('webgl');
  const attempts: Record<string, () => Promise<unknown>> = {
    string: () => enhancer.run('photo.jpg' as never),
    element: () => enhancer.run(document.body as never),
    'closed bitmap': () => enhancer.run(bitmap),
    'image that is not loaded': () => enhancer.run(new Image()),
    'no photo': () => enhancer.run(new Blob(['dear diary'])),
    'missing photo': () => enhancer.run(new URL('missing.jpg', location.href)),
    output: () => enhancer.run(photo, { output: 'jpeg' as never }),
    'canvas of WebGL': () => enhancer.run(photo, { output: webgl }),
    'page for weights': () => Enhancer.create({ model: new URL('index.html', location.href) }),
  };
  const errors: Record<string, string> = {};
  for (const [name, attempt] of Object.entries(attempts)) {
    errors[name] = await attempt().then(
      () => 'nothing',
      (error) => (error instanceof GlocalError ? `${error.code}: ${error.message}` : `raw ${error}`),
    );
  }
  return errors;
}

declare global {
  interface Window {
    glocal: typeof api;
  }
}
const api = { open, runSources, runOutputs, runFile, misuse };
window.glocal = api;
