/**
 * What the page would save by keeping pixels on the device between the decoded photo and the screen: `node
 * scripts/run.mjs bench/screen-path.ts [MEGAPIXELS]`. Prints how many milliseconds each step takes in Chrome, on the
 * current path through host memory and on the direct one, and how many bytes of a photo differ between the two.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { launchChrome, newPage } from '../src/gpu/node/launch-chrome';
import { serveFolder } from '../src/gpu/node/serve';

const ROUNDS = 5;

const megapixels = Number(process.argv[3] ?? 12);
const width = 64 * Math.round(Math.sqrt((megapixels * 1e6 * 4) / 3) / 64);
const height = Math.round((megapixels * 1e6) / width);

/** Smooth enough for JPEG, with every value. */
function samples(channels: 3 | 4): Uint8Array {
  const data = new Uint8Array(channels * width * height);
  for (let at = 0; at < data.length; at++) {
    const pixel = Math.floor(at / channels);
    data[at] = ((pixel % width) / 3 + Math.floor(pixel / width) / (2 + (at % channels))) % 256;
  }
  return data;
}

const raw = (channels: 3 | 4) => sharp(samples(channels), { raw: { width, height, channels } });
const photos = {
  'JPEG, sRGB': await raw(3).jpeg().toBuffer(),
  'JPEG, Display P3': await raw(3).withIccProfile('p3').jpeg().toBuffer(),
  'PNG with alpha': await raw(4).png({ compressionLevel: 1 }).toBuffer(),
};

/** In the page. */
async function measure(name: string, isWide: boolean, rounds: number) {
  const colorSpace = isWide ? 'display-p3' : 'srgb';
  const blob = await (await fetch(name)).blob();
  const adapter = (await navigator.gpu.requestAdapter())!;
  const { maxBufferSize } = adapter.limits;
  const device = await adapter.requestDevice({ requiredLimits: { maxBufferSize } });
  const { queue } = device;
  const times: Record<string, number[]> = {};
  const timed = async <T>(step: string, work: () => T | Promise<T>): Promise<T> => {
    const start = performance.now();
    const made = await work();
    times[step] = [...(times[step] ?? []), performance.now() - start];
    return made;
  };
  let differing = 0;
  let largest = 0;
  for (let round = 0; round < rounds; round++) {
    const bitmap = await timed('decode', () => createImageBitmap(blob));
    const { width, height } = bitmap;
    const bytes = 4 * width * height;
    const image = await timed('up: canvas and getImageData', () => {
      const canvas = new OffscreenCanvas(width, height);
      const context = canvas.getContext('2d', { colorSpace, willReadFrequently: true })!;
      context.drawImage(bitmap, 0, 0);
      return context.getImageData(0, 0, width, height);
    });
    const buffer = device.createBuffer({
      size: bytes,
      usage: GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
    });
    await timed('up: writeBuffer', async () => {
      queue.writeBuffer(buffer, 0, image.data);
      await queue.onSubmittedWorkDone();
    });
    const { COPY_SRC, COPY_DST, RENDER_ATTACHMENT } = GPUTextureUsage;
    const usage = COPY_SRC | COPY_DST | RENDER_ATTACHMENT;
    const texture = device.createTexture({ size: [width, height], format: 'rgba8unorm', usage });
    await timed('up: from the bitmap', async () => {
      queue.copyExternalImageToTexture({ source: bitmap }, { texture, colorSpace }, [width, height]);
      const encoder = device.createCommandEncoder();
      encoder.copyTextureToBuffer({ texture }, { buffer, bytesPerRow: 4 * width }, [width, height]);
      queue.submit([encoder.finish()]);
      await queue.onSubmittedWorkDone();
    });
    const staging = device.createBuffer({
      size: bytes,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    await timed('down: read back', async () => {
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(buffer, 0, staging, 0, bytes);
      queue.submit([encoder.finish()]);
      await staging.mapAsync(GPUMapMode.READ);
    });
    const copied = new Uint8Array(staging.getMappedRange());
    differing = 0;
    for (let at = 0; at < bytes; at++) {
      const apart = Math.abs(copied[at]! - image.data[at]!);
      if (apart > 0) differing++;
      largest = Math.max(largest, apart);
    }
    staging.unmap();
    const kept = await timed('down: Blob to save', () => new Blob([image.data]));
    const drawn = await timed('down: bitmap of the Blob', async () => {
      const pixels = new Uint8ClampedArray(await kept.arrayBuffer());
      return createImageBitmap(new ImageData(pixels, width, height, { colorSpace }));
    });
    const direct = await timed('down: bitmap of the pixels', () => createImageBitmap(image));
    for (const one of [bitmap, drawn, direct]) one.close();
    for (const one of [buffer, staging, texture]) one.destroy();
  }
  device.destroy();
  const medians = Object.entries(times).map(([step, all]) => {
    const sorted = all.toSorted((a, b) => a - b);
    return [step, Math.round(sorted[Math.floor(sorted.length / 2)]!)] as const;
  });
  return { ...Object.fromEntries(medians), differing, largest };
}

const folder = await mkdtemp(join(tmpdir(), 'glocal-screen-'));
const chrome = await launchChrome();
const server = await serveFolder(folder);
try {
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>blank</title>');
  const table: Record<string, unknown> = {};
  for (const [name, bytes] of Object.entries(photos)) {
    const file = name.replace(/\W/g, '');
    await writeFile(join(folder, file), bytes);
    const page = await newPage(chrome.browser);
    await page.goto(server.url);
    table[name] = await page.evaluate(measure, file, name.includes('P3'), ROUNDS);
    await page.close();
  }
  console.log(
    `${width} x ${height}, ${chrome.version}, ${chrome.software ? 'SwiftShader' : 'GPU'}; milliseconds`,
  );
  console.table(table);
} finally {
  await server.close();
  await chrome.browser.close();
  await rm(folder, { recursive: true });
}
