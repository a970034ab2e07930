import { afterAll, describe, expect, it } from 'vitest';
import { ascii, concatBytes, viewOf } from '../../../src/photo/bytes';
import { PHOTO_FORMATS, type PhotoFormat } from '../../../src/photo/format';
import { tiffFile, type Value } from '../tiff-file';
import {
  closeExifTool,
  hasExifTool,
  jpeg,
  picture,
  tagsOf,
  through,
  withSegments,
  withTags,
} from './exiftool';

/** The same kinds of metadata as other programs and cameras write them. */

afterAll(closeExifTool);

/** IPTC data sets: a caption and a keyword. */
const DATA_SETS = concatBytes(
  Uint8Array.of(0x1c, 2, 120, 0, 15),
  ascii('Flood in Passau'),
  Uint8Array.of(0x1c, 2, 25, 0, 5),
  ascii('flood'),
);
const IPTC_READ = ['Flood in Passau', 'flood'];
/** ExifTool counts the places where it finds them. */
const iptcOf = (tags: Record<string, unknown>) =>
  ['Caption-Abstract', 'Keywords'].map((name) => tags[`IPTC:${name}`] ?? tags[`IPTC2:${name}`]);

/** A block of Photoshop's resources: a number, a name padded to an even length, and bytes. */
function resource(id: number, name: string, bytes: Uint8Array, signature = '8BIM'): Uint8Array {
  const [number, size] = [new Uint8Array(2), new Uint8Array(4)];
  viewOf(number).setUint16(0, id);
  viewOf(size).setUint32(0, bytes.length);
  const padded = `${String.fromCharCode(name.length)}${name}${name.length % 2 === 0 ? '\0' : ''}`;
  return concatBytes(ascii(signature), number, ascii(padded), size, bytes, new Uint8Array(bytes.length & 1));
}
const PHOTOSHOP = ascii('Photoshop 3.0\0');

const tiff = (extra: Readonly<Record<number, Value>>, little = true) =>
  tiffFile({
    width: 24,
    height: 16,
    samples: 3,
    bits: 8,
    little,
    data: Array<number>(3 * 24 * 16).fill(50),
    extra,
  });

/** Padded to whole words. */
const words = (bytes: Uint8Array): Uint8Array =>
  concatBytes(bytes, new Uint8Array((4 - (bytes.length % 4)) % 4));

function longs(bytes: Uint8Array, little: boolean): number[] {
  const padded = words(bytes);
  return Array.from({ length: padded.length / 4 }, (_, i) => viewOf(padded).getUint32(4 * i, little));
}

describe.skipIf(!hasExifTool())('IPTC (needs exiftool)', () => {
  const files: Readonly<Record<string, () => Promise<Uint8Array>>> = {
    'behind other resources, one of them with a name': async () =>
      withSegments(await jpeg(), [
        0xed,
        concatBytes(
          PHOTOSHOP,
          resource(0x03ed, '', new Uint8Array(16)),
          resource(0x07d0, 'Path 1', new Uint8Array(27)),
          resource(0x0404, '', DATA_SETS),
        ),
      ]),
    'behind a resource of another program': async () =>
      withSegments(await jpeg(), [
        0xed,
        concatBytes(
          PHOTOSHOP,
          resource(0x03e8, '', new Uint8Array(7), 'MeSa'),
          resource(0x0404, '', DATA_SETS),
        ),
      ]),
    'cut into two segments': async () => {
      const all = resource(0x0404, '', DATA_SETS);
      return withSegments(
        await jpeg(),
        [0xed, concatBytes(PHOTOSHOP, all.subarray(0, 20))],
        [0xed, concatBytes(PHOTOSHOP, all.subarray(20))],
      );
    },
    'in a TIFF as bytes': async () => tiff({ 33723: { type: 7, values: DATA_SETS } }),
    'in a TIFF as longs that are bytes': async () =>
      tiff({ 33723: { type: 4, values: longs(DATA_SETS, true) } }),
    'in a TIFF of a Mac, as longs that are bytes': async () =>
      tiff({ 33723: { type: 4, values: longs(DATA_SETS, false) } }, false),
    'in a TIFF of a Mac, as longs that were turned round': async () =>
      tiff({ 33723: { type: 4, values: longs(DATA_SETS, true) } }, false),
    'in a TIFF, among the resources of Photoshop alone': async () =>
      tiff({ 34377: { type: 1, values: resource(0x0404, '', DATA_SETS) } }),
    'in a PNG, as ExifTool writes it': async () =>
      withTags(
        await picture().png().toBuffer(),
        '-IPTC:Caption-Abstract=Flood in Passau',
        '-IPTC:Keywords=flood',
      ),
  };
  it.each(Object.keys(files))('%s', async (kind) => {
    const file = await files[kind]!();
    expect(iptcOf(await tagsOf(file))).toEqual(IPTC_READ);
    const { tags, notes } = await through(file, 'jpeg');
    expect(iptcOf(tags)).toEqual(IPTC_READ);
    expect(notes).toEqual([]);
  });

  it('in UTF-8, which it says of itself', async () => {
    const file = await withTags(
      await jpeg(),
      '-IPTC:CodedCharacterSet=UTF8',
      '-IPTC:Caption-Abstract=Überschwemmung 洪水',
    );
    for (const format of ['jpeg', 'png', 'tiff'] as const)
      expect((await through(file, format)).tags['IPTC:Caption-Abstract'], format).toBe('Überschwemmung 洪水');
  });
});

describe.skipIf(!hasExifTool())('resolution (needs exiftool)', () => {
  /** In dots per inch, from the result's own format. */
  function dpiOf(tags: Record<string, unknown>, format: PhotoFormat): number[] {
    const isJfif = format === 'jpeg';
    const group = format === 'png' ? 'PNG-pHYs' : isJfif ? 'JFIF' : 'IFD0';
    // JFIF counts its units from 1 for inches, TIFF from 2; PNG has dots per metre.
    const unit = Number(tags[`${group}:ResolutionUnit`]) + (isJfif ? 1 : 0);
    const scale = format === 'png' ? 0.0254 : unit === 3 ? 2.54 : 1;
    const names = format === 'png' ? ['PixelsPerUnitX', 'PixelsPerUnitY'] : ['XResolution', 'YResolution'];
    return names.map((name) => Math.round(scale * Number(tags[`${group}:${name}`])));
  }
  const jfif = (unit: number, x: number, y: number) => [
    `-JFIF:ResolutionUnit=${unit}`,
    `-JFIF:XResolution=${x}`,
    `-JFIF:YResolution=${y}`,
  ];
  const ifd0 = (unit: number, x: number, y: number) => [
    `-IFD0:ResolutionUnit=${unit}`,
    `-IFD0:XResolution=${x}`,
    `-IFD0:YResolution=${y}`,
  ];
  const files: Readonly<Record<string, () => Promise<Uint8Array>>> = {
    'in dots per centimetre': async () => withTags(await jpeg(), ...jfif(2, 118, 59)),
    'in EXIF alone, as cameras write it': async () =>
      withTags(await jpeg(), ...jfif(0, 1, 1), ...ifd0(2, 300, 150)),
    'in EXIF alone, in centimetres': async () =>
      withTags(await jpeg(), ...jfif(0, 1, 1), ...ifd0(3, 118.11, 59.055)),
    'of a TIFF, in centimetres': async () => withTags(tiff({}), ...ifd0(3, 118.11, 59.055)),
    'of a WebP, in its EXIF': async () => withTags(await picture().webp().toBuffer(), ...ifd0(2, 300, 150)),
  };
  describe.each(Object.keys(files))('%s', (kind) => {
    it.each(PHOTO_FORMATS)('is kept in %s', async (format) => {
      const { tags, notes } = await through(await files[kind]!(), format);
      expect(dpiOf(tags, format)).toEqual([300, 150]);
      expect(notes).toEqual([]);
    });
  });

  it('goes with the picture when that is turned', async () => {
    const file = await withTags(await jpeg(), ...jfif(1, 300, 150), '-Orientation=6');
    for (const format of ['jpeg', 'png', 'tiff'] as const)
      expect(dpiOf((await through(file, format)).tags, format), format).toEqual([150, 300]);
  });

  it('that EXIF does not name is left out of WebP, and said', async () => {
    const exif = exifBlock([[[0x010f, 2, 4, 0x006e6e41]]]);
    const header = ascii('JFIF\0\x01\x02\x01\x01\x2c\x01\x2c\0\0');
    const file = withSegments(await jpeg(), [0xe0, header], [0xe1, concatBytes(ascii('Exif\0\0'), exif)]);
    const { tags, notes } = await through(file, 'webp');
    expect([tags['IFD0:Make'], tags['IFD0:XResolution']]).toEqual(['Ann', undefined]);
    expect(notes).toEqual([expect.stringMatching(/^WebP names a resolution in EXIF/)]);
  });

  it('that is only a shape of pixels becomes no resolution', async () => {
    const file = await withTags(await jpeg(), ...jfif(0, 300, 300));
    const { tags } = await through(file, 'png');
    expect(tags['PNG-pHYs:PixelsPerUnitX']).toBeUndefined();
  });
});

/** A little-endian EXIF block of directories, one behind the other. */
function exifBlock(
  directories: readonly (readonly (readonly [tag: number, type: number, count: number, value: number])[])[],
  behind: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const lengths = directories.map((entries) => 2 + 12 * entries.length + 4);
  const block = new Uint8Array(8 + lengths.reduce((sum, length) => sum + length, 0));
  const data = viewOf(block);
  block.set(ascii('II*\0\x08\0\0\0'));
  let at = 8;
  for (const entries of directories) {
    data.setUint16(at, entries.length, true);
    entries.forEach(([tag, type, count, value], i) => {
      const place = at + 2 + 12 * i;
      data.setUint16(place, tag, true);
      data.setUint16(place + 2, type, true);
      data.setUint32(place + 4, count, true);
      data.setUint32(place + 8, value, true);
    });
    at += 2 + 12 * entries.length + 4;
  }
  return concatBytes(block, behind);
}

const withExif = async (exif: Uint8Array) =>
  withSegments(await jpeg(), [0xe1, concatBytes(ascii('Exif\0\0'), exif)]);

const ARTIST = ascii('Ann Photographer\0');
const DATE = ascii('2019:05:01 12:00:00\0');

describe.skipIf(!hasExifTool())('EXIF with a fault keeps the rest (needs exiftool)', () => {
  // The first directory has room for three entries, the second for two: 8 + 42 = 50, 50 + 30 = 80.
  const [ARTIST_AT, DATE_AT] = [80, 80 + ARTIST.length];
  const sound = concatBytes(ARTIST, DATE);
  const kinds = {
    'a value of a lower directory that lies beyond the block': exifBlock(
      [
        [
          [0x010f, 2, 4, 0x006e6e41],
          [0x013b, 2, ARTIST.length, ARTIST_AT],
          [0x8769, 4, 1, 50],
        ],
        [
          [0x829a, 5, 1, 999_999],
          [0x9003, 2, DATE.length, DATE_AT],
        ],
      ],
      sound,
    ),
    'a GPS directory beyond the block': exifBlock(
      [
        [
          [0x013b, 2, ARTIST.length, ARTIST_AT],
          [0x8769, 4, 1, 50],
          [0x8825, 4, 1, 888_888],
        ],
        [
          [0x9000, 7, 4, 0x30333230],
          [0x9003, 2, DATE.length, DATE_AT],
        ],
      ],
      sound,
    ),
    'a value of a type that does not exist': exifBlock(
      [
        [
          [0x013b, 2, ARTIST.length, ARTIST_AT],
          [0x0142, 99, 4_000_000, 777_777],
          [0x8769, 4, 1, 50],
        ],
        [
          [0x9000, 7, 4, 0x30333230],
          [0x9003, 2, DATE.length, DATE_AT],
        ],
      ],
      sound,
    ),
    'a directory that leads back to the first': exifBlock(
      [
        [
          [0x013b, 2, ARTIST.length, ARTIST_AT],
          [0x8769, 4, 1, 50],
          [0x8825, 4, 1, 8],
        ],
        [
          [0x9003, 2, DATE.length, DATE_AT],
          [0xa005, 4, 1, 8],
        ],
      ],
      sound,
    ),
  };
  it.each(Object.entries(kinds))('%s', async (_, exif) => {
    const file = await withExif(exif);
    for (const format of PHOTO_FORMATS) {
      const { tags } = await through(file, format);
      expect([tags['IFD0:Artist'], tags['ExifIFD:DateTimeOriginal']], format).toEqual([
        'Ann Photographer',
        '2019:05:01 12:00:00',
      ]);
    }
  });

  it('is put together from two segments', async () => {
    const exif = exifBlock([[[0x013b, 2, ARTIST.length, 26]]], ARTIST);
    const prefix = ascii('Exif\0\0');
    const [first, second] = [exif.subarray(0, 30), exif.subarray(30)].map((part) =>
      concatBytes(prefix, part),
    );
    const file = withSegments(await jpeg(), [0xe1, first!], [0xe1, second!]);
    const { tags, notes } = await through(file, 'jpeg');
    expect([tags['IFD0:Artist'], notes]).toEqual(['Ann Photographer', []]);
  });

  it('a thumbnail beyond the block goes, as thumbnails do', async () => {
    const exif = exifBlock(
      [
        [
          [0x013b, 2, ARTIST.length, ARTIST_AT],
          [0x0112, 3, 1, 1],
          [0x0132, 2, DATE.length, DATE_AT],
        ],
        [
          [0x0201, 4, 1, 5_000_000],
          [0x0202, 4, 1, 4000],
        ],
      ],
      sound,
    );
    viewOf(exif).setUint32(8 + 2 + 36, 50, true);
    const { tags, notes } = await through(await withExif(exif), 'jpeg');
    expect([tags['IFD0:Artist'], tags['IFD0:ModifyDate']]).toEqual([
      'Ann Photographer',
      '2019:05:01 12:00:00',
    ]);
    expect(tags['IFD1:ThumbnailOffset']).toBeUndefined();
    expect(notes).toEqual([]);
  });
});

describe.skipIf(!hasExifTool())('other places (needs exiftool)', () => {
  it('XMP of a GIF', async () => {
    const file = await withTags(await picture().gif().toBuffer(), '-XMP-dc:Title=Flood');
    for (const format of PHOTO_FORMATS)
      expect((await through(file, format)).tags['XMP-dc:Title'], format).toBe('Flood');
  });

  it('the name of a document in a TIFF', async () => {
    const file = await withTags(tiff({}), '-DocumentName=Sheet 7');
    for (const format of ['jpeg', 'tiff'] as const)
      expect((await through(file, format)).tags['IFD0:DocumentName'], format).toBe('Sheet 7');
  });
});

describe.skipIf(!hasExifTool())('MakerNotes (needs exiftool)', () => {
  const MAKE_AT = 8 + 30 + 18;
  const NOTE_AT = MAKE_AT + 32;
  /** An EXIF block of a camera of this make. `note` receives its offset. */
  function camera(make: string, note: (at: number) => Uint8Array): Uint8Array {
    const name = ascii(make.padEnd(31, '\0').concat('\0'));
    const bytes = note(NOTE_AT);
    return exifBlock(
      [
        [
          [0x010f, 2, make.length + 1, MAKE_AT],
          [0x8769, 4, 1, 38],
        ],
        [[0x927c, 7, bytes.length, NOTE_AT]],
      ],
      concatBytes(name, bytes),
    );
  }
  /** A directory with one text after it; offsets count from `base`. */
  function directory(tag: number, text: string, base: number): Uint8Array {
    const entry = new Uint8Array(2 + 12 + 4);
    const data = viewOf(entry);
    data.setUint16(0, 1, true);
    data.setUint16(2, tag, true);
    data.setUint16(4, 2, true);
    data.setUint32(6, text.length, true);
    data.setUint32(10, base + entry.length, true);
    return concatBytes(entry, ascii(text));
  }
  const makers = [
    [
      'Nikon',
      camera('NIKON CORPORATION', () =>
        concatBytes(ascii('Nikon\0\x02\x10\0\0II*\0\x08\0\0\0'), directory(0x0004, 'FINE  \0', 8)),
      ),
      'Nikon:Quality',
      'FINE  ',
      true,
    ],
    [
      'Fujifilm',
      camera('FUJIFILM', () => concatBytes(ascii('FUJIFILM\x0c\0\0\0'), directory(0x1000, 'NORMAL \0', 12))),
      'FujiFilm:Quality',
      'NORMAL ',
      true,
    ],
    [
      'Olympus',
      camera('OLYMPUS CORPORATION', () =>
        concatBytes(ascii('OLYMPUS\0II\x03\0'), directory(0x0207, 'D4322 CAMERA\0', 12)),
      ),
      'Olympus:CameraType',
      'D4322 CAMERA',
      true,
    ],
    [
      'Panasonic',
      camera('Panasonic', (at) =>
        concatBytes(ascii('Panasonic\0\0\0'), directory(0x0025, 'F541203230123\0', at + 12)),
      ),
      'Panasonic:InternalSerialNumber',
      'F541203230123',
      false,
    ],
    [
      'Canon',
      camera('Canon', (at) => directory(0x0006, 'IMG:EOS 5D JPEG\0', at)),
      'Canon:CanonImageType',
      'IMG:EOS 5D JPEG',
      false,
    ],
  ] as const;

  describe.each(makers)('of %s', (_, exif, tag, value, isMovable) => {
    it.each(['jpeg', 'png', 'webp'] as const)('stay readable in %s', async (format) => {
      const file = await withExif(exif);
      expect((await tagsOf(file))[tag]).toBe(value);
      const { tags, notes } = await through(file, format);
      expect(tags[tag]).toBe(value);
      expect(notes).toEqual([]);
    });

    it('are readable in TIFF, or left out and said', async () => {
      const { tags, notes, bytes } = await through(await withExif(exif), 'tiff');
      expect(tags[tag]).toBe(isMovable ? value : undefined);
      expect(notes.join()).toMatch(isMovable ? /^$/ : /MakerNotes are left out/);
      // And out of it again.
      if (isMovable) expect((await through(bytes, 'jpeg')).tags[tag]).toBe(value);
    });
  });
});
