import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { decodeExr } from '../../src/data/exr-file';
import { ascii, concatBytes, crc32, viewOf } from '../../src/photo/bytes';
import { isBomb } from '../../src/photo/claimed-size';
import { decodePhoto } from '../../src/photo/node/photo';
import { exifFromTiff } from '../../src/photo/tiff';

/** Most memory that a refusal may take, in bytes. */
const LITTLE = 300e6;

/** Peak growth of the process's memory. */
async function memoryOf(work: () => unknown): Promise<number> {
  const before = process.resourceUsage().maxRSS;
  await work();
  return 1024 * (process.resourceUsage().maxRSS - before);
}

/** A little-endian TIFF structure of one directory, each entry [tag, type, count, value or offset]. */
function tiff(length: number, directory: readonly (readonly number[])[], at = 8): Uint8Array {
  const block = new Uint8Array(length);
  const view = viewOf(block);
  block.set([0x49, 0x49, 42, 0]);
  view.setUint32(4, at, true);
  view.setUint16(at, directory.length, true);
  for (const [i, [tag, type, count, value]] of directory.entries()) {
    const place = at + 2 + 12 * i;
    view.setUint16(place, tag!, true);
    view.setUint16(place + 2, type!, true);
    view.setUint32(place + 4, count!, true);
    view.setUint32(place + 8, value!, true);
  }
  return block;
}

describe('EXIF that overlaps itself', () => {
  test('values that share bytes are not copied for each', async () => {
    const length = 144_000;
    const entries = Array.from({ length: 5000 }, () => [0x010e, 2, length - 100, 8]);
    const taken = await memoryOf(() =>
      expect(exifFromTiff(tiff(length, entries))?.length ?? 0).toBeLessThan(3 * length),
    );
    expect(taken).toBeLessThan(200e6);
  });

  test.each([
    ['a directory that many entries name', () => 8],
    ['directories at every place', (i: number) => 8 + i],
  ])('%s takes no second', (_, place) => {
    const entries = Array.from({ length: 5000 }, (_, i) => [0x8769, 4, 1, place(i)]);
    const started = process.cpuUsage();
    exifFromTiff(tiff(60_100, entries));
    const { user } = process.cpuUsage(started);
    expect(user / 1e6).toBeLessThan(1);
  });

  test('a valid block is kept', () => {
    const block = tiff(200, [
      [0x010e, 2, 10, 100],
      [0x8769, 4, 1, 60],
    ]);
    block.set(ascii('a picture\0'), 100);
    viewOf(block).setUint16(60, 1, true);
    block.set(tiff(40, [[0x8827, 3, 1, 400]]).subarray(10, 22), 62);
    const kept = exifFromTiff(block)!;
    expect(Buffer.from(kept).includes('a picture')).toBe(true);
  });
});

function pngChunk(name: string, data: Uint8Array): Uint8Array {
  const body = concatBytes(ascii(name), data);
  const chunk = new Uint8Array(body.length + 8);
  viewOf(chunk).setUint32(0, data.length);
  chunk.set(body, 4);
  viewOf(chunk).setUint32(4 + body.length, crc32(body));
  return chunk;
}

test('a PNG of some kilobytes that has 16000 x 16000 pixels is refused before it takes memory', async () => {
  const side = 16_000;
  const header = new Uint8Array(13);
  viewOf(header).setUint32(0, side);
  viewOf(header).setUint32(4, side);
  header[8] = 1;
  const rows = deflateSync(new Uint8Array(side * (1 + side / 8)), { level: 9 });
  const file = concatBytes(
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10),
    pngChunk('IHDR', header),
    pngChunk('IDAT', rows),
    pngChunk('IEND', new Uint8Array()),
  );
  expect(file.length).toBeLessThan(50_000);
  const taken = await memoryOf(() =>
    expect(decodePhoto(file, 'bomb.png')).rejects.toThrow(/claims 16000 x 16000 pixels in \d+ bytes/),
  );
  expect(taken).toBeLessThan(LITTLE);
});

test('real and empty photos are no bombs', () => {
  expect(isBomb(100e6, 20e6)).toBe(false);
  // A black picture of 12 megapixels as AVIF, and a drawing of 60 megapixels.
  expect(isBomb(12e6, 900)).toBe(false);
  expect(isBomb(60e6, 300e3)).toBe(false);
  expect(isBomb(256e6, 32e3)).toBe(true);
});

test('an EXR of some kilobytes that claims 20000 x 20000 is refused before it takes memory', async () => {
  const attribute = (name: string, type: string, value: Uint8Array) => {
    const length = new Uint8Array(4);
    viewOf(length).setUint32(0, value.length, true);
    return concatBytes(ascii(`${name}\0${type}\0`), length, value);
  };
  const box = new Uint8Array(16);
  viewOf(box).setInt32(8, 19_999, true);
  viewOf(box).setInt32(12, 19_999, true);
  const channel = (name: string) =>
    concatBytes(ascii(`${name}\0`), Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0));
  const file = concatBytes(
    Uint8Array.of(0x76, 0x2f, 0x31, 0x01, 2, 0, 0, 0),
    attribute('channels', 'chlist', concatBytes(channel('B'), channel('G'), channel('R'), Uint8Array.of(0))),
    attribute('compression', 'compression', Uint8Array.of(3)),
    attribute('dataWindow', 'box2i', box),
    attribute('displayWindow', 'box2i', box),
    attribute('lineOrder', 'lineOrder', Uint8Array.of(0)),
    Uint8Array.of(0),
    new Uint8Array(13_000),
  );
  const taken = await memoryOf(() =>
    expect(() => decodeExr(file)).toThrow(/claims 400 megapixels in \d+ bytes/),
  );
  expect(taken).toBeLessThan(LITTLE);
});
