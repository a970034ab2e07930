/**
 * Shows that memory does not grow with the photo: enhances synthetic photos of 4 and 100 megapixels on the command
 * line and prints the peak memory of each process and on the device.
 *
 *     npm run build && node bench/hundred-megapixels.mjs [--model NAME|PATH]
 *
 * Takes minutes on a software adapter.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import sharp from 'sharp';

const SIDES = [2048, 10000];

const command = fileURLToPath(new URL('../dist/node/glocal.js', import.meta.url));
const run = promisify(execFile);
const folder = await mkdtemp(join(tmpdir(), 'glocal-large-'));

/** Dark waves over a gradient, with smooth and textured areas. */
async function writePhoto(path, side) {
  const data = Buffer.alloc(3 * side * side);
  for (let y = 0, at = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const wave = 30 + 25 * Math.sin(x / 37) * Math.cos(y / 53) + (40 * x) / side;
      data[at++] = wave;
      data[at++] = 0.8 * wave + ((x ^ y) & 7);
      data[at++] = (60 * y) / side;
    }
  }
  await sharp(data, { raw: { width: side, height: side, channels: 3 }, limitInputPixels: false })
    .jpeg({ quality: 95 })
    .toFile(path);
}

const mebibytes = (bytes) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;

try {
  for (const side of SIDES) {
    const input = join(folder, `${side}.jpg`);
    const output = join(folder, `${side}-enhanced.jpg`);
    await writePhoto(input, side);
    const flags = ['enhance', input, '-o', output, '--json', ...process.argv.slice(2)];
    const { stdout } = await run(process.execPath, [command, ...flags], { maxBuffer: 1 << 24 });
    const { adapter, deviceBytes, processBytes, files } = JSON.parse(stdout);
    const [{ width, height, milliseconds }] = files;
    console.log(
      `${width} x ${height} (${((width * height) / 1e6).toFixed(1)} megapixels): device ${mebibytes(deviceBytes)}, ` +
        `process ${mebibytes(processBytes)}, ${(milliseconds / 1000).toFixed(0)} s on ${adapter}`,
    );
  }
} finally {
  await rm(folder, { recursive: true });
}
