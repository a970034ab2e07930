import { afterAll, describe, expect, it } from 'vitest';
import { ascii, concatBytes, viewOf } from '../../../src/photo/bytes';
import { PHOTO_FORMATS, type PhotoFormat } from '../../../src/photo/format';
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

/** IPTC and resolution as other programs write them. */

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

  it('in UTF-8, if declared', async () => {
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

  it('is swapped when the picture is turned', async () => {
    const file = await withTags(await jpeg(), ...jfif(1, 300, 150), '-Orientation=6');
    for (const format of ['jpeg', 'png', 'tiff'] as const)
      expect(dpiOf((await through(file, format)).tags, format), format).toEqual([150, 300]);
  });

  it('that EXIF does not name is left out of WebP, with a note', async () => {
    const exif = exifBlock([[[0x010f, 2, 4, 0x006e6e41]]]);
    const header = ascii('JFIF\0\x01\x02\x01\x01\x2c\x01\x2c\0\0');
    const file = withSegments(await jpeg(), [0xe0, header], [0xe1, concatBytes(ascii('Exif\0\0'), exif)]);
    const { tags, notes } = await through(file, 'webp');
    expect([tags['IFD0:Make'], tags['IFD0:XResolution']]).toEqual(['Ann', undefined]);
    expect(notes).toEqual([expect.stringMatching(/^WebP keeps the resolution in EXIF/)]);
  });

  it('that is only a shape of pixels becomes no resolution', async () => {
    const file = await withTags(await jpeg(), ...jfif(0, 300, 300));
    const { tags } = await through(file, 'png');
    expect(tags['PNG-pHYs:PixelsPerUnitX']).toBeUndefined();
  });
});
