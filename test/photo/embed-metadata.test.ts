import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { embedMetadata } from '../../src/photo/embed-metadata';
import { exifFromTiff } from '../../src/photo/tiff';
import { uprightXmp } from '../../src/photo/xmp';

const SIZE = { width: 20, height: 10, hasAlpha: false };
const picture = () => sharp({ create: { ...SIZE, channels: 3, background: '#456' } });
const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) % 251);
const text = (value: string) => new TextEncoder().encode(value);

/** EXIF in big-endian order: make, and an EXIF directory with a date and a rational exposure time. */
function bigEndianExif(): Uint8Array {
  const block = Buffer.alloc(150);
  block.write('MM', 'latin1');
  block.writeUInt16BE(42, 2);
  block.writeUInt32BE(8, 4);
  const entry = (at: number, tag: number, type: number, count: number, value: number) => {
    block.writeUInt16BE(tag, at);
    block.writeUInt16BE(type, at + 2);
    block.writeUInt32BE(count, at + 4);
    block.writeUInt32BE(value, at + 8);
  };
  block.writeUInt16BE(2, 8);
  entry(10, 0x010f, 2, 6, 80);
  entry(22, 0x8769, 4, 1, 40);
  block.writeUInt16BE(2, 40);
  entry(42, 0x829a, 5, 1, 90);
  entry(54, 0x9003, 2, 20, 100);
  block.write('Maker\0', 80, 'latin1');
  block.writeUInt32BE(1, 90);
  block.writeUInt32BE(250, 94);
  block.write('2019:05:01 12:00:00\0', 100, 'latin1');
  return block;
}

describe('embedMetadata', () => {
  it.each(['jpeg', 'png', 'webp', 'tiff'] as const)(
    '%s: what is put in can be read by sharp',
    async (format) => {
      const file = await picture().toFormat(format).toBuffer();
      const profile = (await sharp(await picture().withIccProfile('p3').png().toBuffer()).metadata()).icc!;
      const xmp = text('<x:xmpmeta xmlns:x="adobe:ns:meta/">Grün</x:xmpmeta>');
      const exif = bigEndianExif();
      const tagged = await embedMetadata(file, format, { exif, profile, xmp }, SIZE);
      expect(tagged.notes).toEqual([]);
      const metadata = await sharp(tagged.bytes).metadata();
      expect(metadata.icc).toEqual(profile);
      expect(metadata.xmp?.toString()).toContain('Grün');
      if (format !== 'tiff') expect(Buffer.from(metadata.exif!).includes('2019:05:01')).toBe(true);
      const raw = (of: Uint8Array) => sharp(of, { ignoreIcc: true }).raw().toBuffer();
      expect((await raw(tagged.bytes)).equals(await raw(file))).toBe(true);
    },
  );

  it('removes the resolution invented by the encoder, and adds nothing else', async () => {
    const file = await picture().png().toBuffer();
    const { bytes: bare, notes } = await embedMetadata(file, 'png', {}, SIZE);
    expect(notes).toEqual([]);
    expect(Buffer.from(bare).includes('pHYs')).toBe(false);
    expect(bare.length).toBe(file.length - (file.includes('pHYs') ? 21 : 0));
  });

  it('adds to a WebP that has alpha, and announces all of it', async () => {
    const file = await picture().ensureAlpha(0.5).webp().toBuffer();
    const xmp = text('<x:xmpmeta xmlns:x="adobe:ns:meta/"/>');
    const { bytes: tagged } = await embedMetadata(
      file,
      'webp',
      { exif: bigEndianExif(), xmp },
      { ...SIZE, hasAlpha: true },
    );
    const metadata = await sharp(tagged).metadata();
    expect([metadata.hasAlpha, metadata.exif !== undefined, metadata.xmp !== undefined]).toEqual([
      true,
      true,
      true,
    ]);
    expect(new DataView(tagged.buffer, tagged.byteOffset).getUint32(4, true)).toBe(tagged.length - 8);
  });

  it('splits a long profile into JPEG segments, and leaves out what cannot be split, with a note', async () => {
    const file = await picture().jpeg().toBuffer();
    const profile = bytes(150_000);
    const { bytes: tagged, notes } = await embedMetadata(
      file,
      'jpeg',
      { profile, exif: bytes(70_000) },
      SIZE,
    );
    expect(notes).toEqual(['EXIF is too long for JPEG and is left out']);
    const pieces: number[] = [];
    for (let at = 2; tagged[at] === 0xff && tagged[at + 1] !== 0xda; ) {
      const length = new DataView(tagged.buffer, tagged.byteOffset).getUint16(at + 2);
      if (tagged[at + 1] === 0xe2) pieces.push(...tagged.subarray(at + 4 + 14, at + 2 + length));
      at += 2 + length;
    }
    expect(Uint8Array.from(pieces)).toEqual(profile);
  });
});

describe('exifFromTiff', () => {
  it('converts the byte order and keeps every value, through a TIFF and back', async () => {
    const file = await picture().tiff({ compression: 'lzw' }).toBuffer();
    const { bytes: tagged } = await embedMetadata(file, 'tiff', { exif: bigEndianExif() }, SIZE);
    const block = exifFromTiff(tagged)!;
    // As another reader sees it.
    const { bytes: jpeg } = await embedMetadata(
      await picture().jpeg().toBuffer(),
      'jpeg',
      { exif: block },
      SIZE,
    );
    const exif = (await sharp(jpeg).metadata()).exif!;
    const data = new DataView(exif.buffer, exif.byteOffset + 6);
    expect(exif.toString('latin1', 6, 8)).toBe('II');
    const values = new Map<number, number>();
    const walk = (at: number) => {
      for (let i = 0; i < data.getUint16(at, true); i++) {
        const place = at + 2 + 12 * i;
        const tag = data.getUint16(place, true);
        values.set(tag, data.getUint32(place + 8, true));
        if (tag === 0x8769) walk(data.getUint32(place + 8, true));
      }
    };
    walk(data.getUint32(4, true));
    const ascii = (tag: number, length: number) =>
      exif.toString('latin1', 6 + values.get(tag)!, 6 + values.get(tag)! + length);
    expect(ascii(0x010f, 5)).toBe('Maker');
    expect(ascii(0x9003, 19)).toBe('2019:05:01 12:00:00');
    const exposure = values.get(0x829a)!;
    expect([data.getUint32(exposure, true), data.getUint32(exposure + 4, true)]).toEqual([1, 250]);
    expect(values.has(0x0100)).toBe(false);
  });

  it('gives up on malformed packets, wherever they are cut', () => {
    const whole = bigEndianExif();
    expect(exifFromTiff(whole)).toBeDefined();
    for (let length = 0; length < 118; length += 3)
      expect(() => exifFromTiff(whole.slice(0, length))).not.toThrow();
    expect(exifFromTiff(whole.slice(0, 20))).toBeUndefined();
    const loop = whole.slice();
    new DataView(loop.buffer, loop.byteOffset).setUint32(30, 8);
    expect(() => exifFromTiff(loop)).not.toThrow();
  });
});

describe('uprightXmp', () => {
  it.each([
    ['<rdf:Description tiff:Orientation="6" a="8"/>', '<rdf:Description tiff:Orientation="1" a="8"/>'],
    ["<rdf:Description tiff:Orientation = '3'/>", "<rdf:Description tiff:Orientation = '1'/>"],
    ['<tiff:Orientation>8</tiff:Orientation>', '<tiff:Orientation>1</tiff:Orientation>'],
    ['<rdf:li>Größe 6</rdf:li>', '<rdf:li>Größe 6</rdf:li>'],
  ])('turns %s upright and leaves the rest', (before, after) => {
    expect(new TextDecoder().decode(uprightXmp(text(before)))).toBe(after);
  });
});
