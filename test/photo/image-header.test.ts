import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { readImageHeader } from '../../src/photo/image-header';

const WIDTH = 37;
const HEIGHT = 23;

/** A picture with enough in it that no encoder finishes in one byte. */
function photo(): Sharp {
  const data = Uint8Array.from({ length: WIDTH * HEIGHT * 3 }, (_, i) => (i * i * 31) & 0xff);
  return sharp(data, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });
}

async function bytesOf(image: Sharp): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await image.toBuffer());
}

const KINDS = {
  'image/jpeg': () => bytesOf(photo().jpeg()),
  'image/jpeg, progressive, with EXIF': () =>
    bytesOf(
      photo()
        .withExif({ IFD0: { Copyright: 'x' } })
        .jpeg({ progressive: true }),
    ),
  'image/png': () => bytesOf(photo().png()),
  'image/webp': () => bytesOf(photo().webp()),
  'image/webp, lossless': () => bytesOf(photo().webp({ lossless: true })),
  'image/webp, extended': () =>
    bytesOf(
      photo()
        .withExif({ IFD0: { Copyright: 'x' } })
        .webp(),
    ),
  'image/gif': () => bytesOf(photo().gif()),
};

describe.each(Object.entries(KINDS))('%s', (name, encode) => {
  const type = name.split(',')[0];

  it('is known by its content, with its size, as complete', async () => {
    expect(readImageHeader(await encode())).toEqual({
      type,
      size: { width: WIDTH, height: HEIGHT },
      complete: true,
    });
  });

  it('is incomplete at any length short of the whole', async () => {
    const bytes = await encode();
    for (const share of [0.3, 0.6, 0.9]) {
      const cut = bytes.slice(0, Math.floor(bytes.length * share));
      expect(readImageHeader(cut), `${share}`).toMatchObject({ type, complete: false });
    }
    expect(readImageHeader(bytes.slice(0, -1)).complete).toBe(false);
  });
});

it('finds the end of a JPEG behind an embedded preview and before a trailer', async () => {
  const preview = await KINDS['image/jpeg']();
  const bytes = await KINDS['image/jpeg']();
  const segment = new Uint8Array([
    0xff,
    0xe1,
    (preview.length + 2) >> 8,
    (preview.length + 2) & 0xff,
    ...preview,
  ]);
  const whole = new Uint8Array([...bytes.slice(0, 2), ...segment, ...bytes.slice(2)]);
  expect(readImageHeader(whole).complete).toBe(true);
  expect(readImageHeader(new Uint8Array([...whole, 1, 2, 3])).complete).toBe(true);
  expect(readImageHeader(whole.slice(0, segment.length + 40)).complete).toBe(false);
});

it('calls a PNG with a flipped bit incomplete', async () => {
  const bytes = await KINDS['image/png']();
  bytes[bytes.length >> 1]! ^= 1;
  expect(readImageHeader(bytes).complete).toBe(false);
});

it('knows nothing of other files', () => {
  for (const text of ['', 'x', 'hello, this is no picture', '%PDF-1.7']) {
    expect(readImageHeader(new TextEncoder().encode(text))).toEqual({
      type: null,
      size: null,
      complete: true,
    });
  }
});
