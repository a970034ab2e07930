import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { isComplete, readImageHeader } from '../../src/photo/image-header';

const WIDTH = 37;
const HEIGHT = 23;

/** A picture with enough content that no encoder ends in a single byte. */
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

  it('is recognised by its content, with its size, as complete', async () => {
    expect(readImageHeader(await encode())).toMatchObject({
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
  });
});

describe('what may be missing', () => {
  const cutBy = async (name: keyof typeof KINDS, bytes: number) =>
    readImageHeader((await KINDS[name]()).slice(0, -bytes)).complete;

  const JPEGS: Readonly<Record<string, () => Sharp>> = {
    '4:4:4': () => photo().jpeg({ chromaSubsampling: '4:4:4' }),
    '4:2:0, with tables of the standard': () =>
      photo().jpeg({ chromaSubsampling: '4:2:0', optimiseCoding: false }),
    grey: () => photo().toColourspace('b-w').jpeg(),
    progressive: () => photo().jpeg({ progressive: true }),
    'progressive, 4:2:0': () => photo().jpeg({ progressive: true, chromaSubsampling: '4:2:0' }),
    'progressive, grey, coarse': () => photo().toColourspace('b-w').jpeg({ progressive: true, quality: 20 }),
    'progressive, almost empty': () =>
      sharp({ create: { width: 900, height: 700, channels: 3, background: '#345' } }).jpeg({
        progressive: true,
      }),
  };
  it.each(Object.entries(JPEGS))('is the end mark of a JPEG, and no block: %s', async (_, encode) => {
    const whole = await bytesOf(encode());
    const bare = whole.slice(0, -2);
    const found = { complete: true, end: bare.length, lacksEndMark: true };
    expect(readImageHeader(bare)).toMatchObject(found);
    // Some cameras append their own data, which may look like anything.
    for (const trailer of [new Uint8Array(40), Buffer.from('SEFH\xff\xdb\xff\xff\xff\xc4', 'latin1')])
      expect(readImageHeader(new Uint8Array([...bare, ...trailer]))).toMatchObject(found);
    for (const missing of [3, 12, 40, Math.floor(whole.length / 2)])
      expect(readImageHeader(whole.slice(0, -2 - missing)).complete, `${missing}`).toBe(false);
  });

  it('is the trailer of a GIF, and no part of its picture', async () => {
    expect(await cutBy('image/gif', 1)).toBe(true);
    expect(await cutBy('image/gif', 4)).toBe(false);
    const bytes = await KINDS['image/gif']();
    expect(readImageHeader(new Uint8Array([...bytes, 0, 0, 0])).complete).toBe(true);
  });

  it('is the end chunk of a PNG whose pixels unpack to the end', async () => {
    const bytes = await KINDS['image/png']();
    const withoutEnd = bytes.slice(0, -12);
    expect(readImageHeader(withoutEnd).complete).toBe(false);
    expect(await isComplete(withoutEnd, readImageHeader(withoutEnd))).toBe(true);
    const cut = bytes.slice(0, -30);
    expect(await isComplete(cut, readImageHeader(cut))).toBe(false);
  });

  it('is the checksum of a chunk that pixels do not need', async () => {
    const bytes = await bytesOf(photo().withIccProfile('p3').png());
    const at = Buffer.from(bytes).indexOf('iCCP');
    bytes[at + 20]! ^= 1;
    expect(readImageHeader(bytes).complete).toBe(true);
  });
});

it('skips stray bytes between the segments of a JPEG', async () => {
  const bytes = await KINDS['image/jpeg']();
  const at = 4 + new DataView(bytes.buffer).getUint16(4);
  const stray = new Uint8Array([...bytes.slice(0, at), 0, 7, 0xff, 0xff, 0, ...bytes.slice(at)]);
  expect(readImageHeader(stray)).toMatchObject({ complete: true, size: { width: WIDTH, height: HEIGHT } });
});

it.each([
  ['IIRO\x08\0\0\0', 'image/x-raw'],
  ['FUJIFILMCCD-RAW 0201', 'image/x-raw'],
  ['\0\0\0\x18ftypcrx \0\0\0\0', 'image/x-raw'],
  ['II*\0\x10\0\0\0CR\x02\0', 'image/x-raw'],
  ['\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'image/heic'],
  ['\0\0\0\x1cftypmif1\0\0\0\0mif1avif', 'image/avif'],
  ['\0\0\0\x1cftypmp42\0\0\0\0isommp42', null],
])('tells %j apart', (start, type) => {
  expect(readImageHeader(Buffer.from(start.padEnd(40, '\0'), 'latin1')).type).toBe(type);
});

it('finds the end of a JPEG after an embedded preview and before a trailer', async () => {
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

it('knows the size that an AVIF claims, so that it need not be decoded to be refused', async () => {
  const size = { width: WIDTH, height: HEIGHT };
  expect(readImageHeader(await bytesOf(photo().avif({ effort: 0 })))).toMatchObject({
    type: 'image/avif',
    size,
  });
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
