import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { concatBytes } from '../../src/photo/bytes';
import { decodePhoto } from '../../src/photo/node/photo';
import { rawPreview } from '../../src/photo/raw-preview';
import { Random } from '../../src/random';
import { tiffFile } from './tiff-file';

const WIDTH = 700;
const HEIGHT = 500;

const jpegOf = (width: number, height: number, background: string) =>
  sharp({ create: { width, height, channels: 3, background } })
    .jpeg()
    .toBuffer();
const preview = await jpegOf(WIDTH, HEIGHT, '#c83214');
const thumbnail = await jpegOf(160, 120, '#1e90ff');

/** Sensor-like numbers with false JPEG markers among them. */
function sensorData(): Uint8Array {
  const random = new Random(3);
  const data = Uint8Array.from({ length: 20_000 }, () => random.integer(256));
  data.set([0xff, 0xd8, 0xff, 0xe1, 0, 9], 500);
  // Lossless, as Canon stores its sensor.
  data.set([0xff, 0xd8, 0xff, 0xc3, 0, 11, 14, 4, 0, 4, 0, 1, 0, 0x11, 0], 9000);
  return data;
}

/** A DNG as its converter writes it: a small picture first, then sensor data and preview. */
const dng = (little: boolean, orientation = 6) =>
  concatBytes(
    tiffFile({
      width: 2,
      height: 2,
      samples: 3,
      bits: 8,
      little,
      data: Array<number>(12).fill(0),
      extra: {
        254: { type: 4, values: [1] },
        274: { type: 3, values: [orientation] },
        315: { type: 2, values: Buffer.from('Ann Photographer\0') },
        50706: { type: 1, values: [1, 4, 0, 0] },
      },
    }),
    thumbnail,
    sensorData(),
    preview,
    sensorData(),
  );

/** RAF: a signature, then the header and the preview. */
const raf = () => concatBytes(Buffer.from('FUJIFILMCCD-RAW 0201'.padEnd(148, '\0')), preview, sensorData());

function box(name: string, ...content: Uint8Array[]): Uint8Array {
  const body = concatBytes(...content);
  const header = Buffer.alloc(8);
  header.writeUInt32BE(8 + body.length);
  header.write(name, 4, 'latin1');
  return concatBytes(header, body);
}

/** CR3: the orientation is in a separate TIFF within a box of Canon's. */
const cr3 = () => {
  const facts = tiffFile({
    width: 1,
    height: 1,
    samples: 1,
    bits: 8,
    data: [0],
    extra: { 274: { type: 3, values: [8] } },
  });
  return concatBytes(
    box('ftyp', Buffer.from('crx \0\0\0\x01crx isom', 'latin1')),
    box('moov', box('uuid', new Uint8Array(16), box('CMT1', facts))),
    box('mdat', thumbnail, sensorData(), preview),
  );
};

describe('the preview of a raw file', () => {
  it.each([
    ['DNG, little-endian', dng(true), 6],
    ['DNG, big-endian', dng(false), 6],
    ['RAF', raf(), 1],
    ['CR3', cr3(), 8],
  ])('is the largest whole JPEG in it, turned as the camera was held: %s', async (_, file, orientation) => {
    const found = rawPreview(file)!;
    expect([found.width, found.height, found.orientation]).toEqual([WIDTH, HEIGHT, orientation]);
    expect(Buffer.from(found.jpeg).equals(preview)).toBe(true);
    const { image, notes } = await decodePhoto(file, 'a.raw', { rawPreview: true });
    expect([image.width, image.height]).toEqual(orientation === 1 ? [WIDTH, HEIGHT] : [HEIGHT, WIDTH]);
    expect(notes[0]).toMatch(/^is a raw file: this is the preview of 700 x 500 by the camera/);
  });

  it('gets the metadata of the raw file', async () => {
    const { exif } = await decodePhoto(dng(true), 'a.dng', { rawPreview: true });
    expect(Buffer.from(exif!).includes('Ann Photographer')).toBe(true);
  });

  it('is used only if requested, and never replaced by a thumbnail', async () => {
    await expect(decodePhoto(dng(true), 'a.dng')).rejects.toThrow(
      /a\.dng is a camera raw file, .* with --raw-preview/,
    );
    const small = concatBytes(raf().subarray(0, 148), thumbnail, sensorData());
    const asked = { rawPreview: true };
    await expect(decodePhoto(small, 'a.raf', asked)).rejects.toThrow(/only a thumbnail of 160 x 120/);
    const none = concatBytes(raf().subarray(0, 148), sensorData());
    await expect(decodePhoto(none, 'a.raf', asked)).rejects.toThrow(/no JPEG preview/);
  });

  it('is found quickly among many false markers', () => {
    const marks = new Uint8Array(4e6);
    for (let at = 0; at < marks.length; at += 4) marks.set([0xff, 0xd8, 0xff, 0xe0], at);
    const before = process.cpuUsage();
    expect(rawPreview(marks)).toBeUndefined();
    expect(process.cpuUsage(before).user / 1e6).toBeLessThan(5);
  });
});
