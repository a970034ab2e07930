import { afterAll, describe, expect, it } from 'vitest';
import { ascii, concatBytes, viewOf } from '../../../src/photo/bytes';
import { PHOTO_FORMATS } from '../../../src/photo/format';
import { exifBlock, smallTiff as tiff } from '../tiff-file';
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

/** EXIF, MakerNotes and other tags as other programs and cameras write them. */

afterAll(closeExifTool);

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

  it('is joined from two segments', async () => {
    const exif = exifBlock([[[0x013b, 2, ARTIST.length, 26]]], ARTIST);
    const prefix = ascii('Exif\0\0');
    const [first, second] = [exif.subarray(0, 30), exif.subarray(30)].map((part) =>
      concatBytes(prefix, part),
    );
    const file = withSegments(await jpeg(), [0xe1, first!], [0xe1, second!]);
    const { tags, notes } = await through(file, 'jpeg');
    expect([tags['IFD0:Artist'], notes]).toEqual(['Ann Photographer', []]);
  });

  it('a thumbnail beyond the block is removed like any thumbnail', async () => {
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

    it('are readable in TIFF, or left out with a note', async () => {
      const { tags, notes, bytes } = await through(await withExif(exif), 'tiff');
      expect(tags[tag]).toBe(isMovable ? value : undefined);
      expect(notes.join()).toMatch(isMovable ? /^$/ : /MakerNotes are left out/);
      // And back.
      if (isMovable) expect((await through(bytes, 'jpeg')).tags[tag]).toBe(value);
    });
  });
});
