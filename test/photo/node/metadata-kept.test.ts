import type { Sharp } from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { ascii, concatBytes, crc32, viewOf } from '../../../src/photo/bytes';
import { PHOTO_FORMATS } from '../../../src/photo/format';
import { closeExifTool, hasExifTool, jpeg, picture, through, withSegments, withTags } from './exiftool';

afterAll(closeExifTool);

const packet = (namespaces: string, properties: string) =>
  new TextEncoder().encode(
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' +
      `<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" ${namespaces}>${properties}` +
      '<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">Ann</rdf:li></rdf:Alt></dc:rights></rdf:Description></rdf:RDF></x:xmpmeta>',
  );
const XMP_PREFIX = ascii('http://ns.adobe.com/xap/1.0/\0');
const withXmp = (file: Uint8Array, xmp: Uint8Array) =>
  withSegments(file, [0xe1, concatBytes(XMP_PREFIX, xmp)]);

describe.skipIf(!hasExifTool())('metadata through a result (needs exiftool)', () => {
  it.each(PHOTO_FORMATS)('IPTC, resolution and XMP of a JPEG in %s', async (format) => {
    const file = await withTags(
      await jpeg(),
      '-IPTC:Caption-Abstract=Flood in Passau',
      '-IPTC:Keywords=flood',
      '-XMP-dc:Rights=Ann',
      '-JFIF:XResolution=300',
      '-JFIF:YResolution=300',
      '-JFIF:ResolutionUnit=1',
    );
    const { tags, notes } = await through(file, format);
    expect(tags['XMP-dc:Rights']).toBe('Ann');
    if (format === 'webp') expect(notes.join()).toMatch(/WebP has no place for IPTC/);
    else expect([tags['IPTC:Caption-Abstract'], tags['IPTC:Keywords']]).toEqual(['Flood in Passau', 'flood']);
    const x = {
      jpeg: 'JFIF:XResolution',
      png: 'PNG-pHYs:PixelsPerUnitX',
      webp: 'IFD0:XResolution',
      tiff: 'IFD0:XResolution',
    }[format];
    expect(tags[x]).toBe(format === 'png' ? 11811 : 300);
  });

  it('invents no resolution', async () => {
    const bare = Buffer.from(await picture().png().toBuffer());
    const at = bare.indexOf('pHYs');
    const file = at < 0 ? bare : Buffer.concat([bare.subarray(0, at - 4), bare.subarray(at + 17)]);
    expect((await through(file, 'png')).tags['PNG-pHYs:PixelsPerUnitX']).toBeUndefined();
    expect((await through(file, 'tiff')).tags['IFD0:XResolution']).toBeUndefined();
    expect((await through(file, 'jpeg')).tags['JFIF:ResolutionUnit'] ?? 0).toBe(0);
  });

  it.each([
    [
      'a motion photo',
      'xmlns:C="http://ns.google.com/photos/1.0/camera/" C:MotionPhoto="1" C:MotionPhotoVersion="1"',
      '',
      /a video/,
      /MotionPhoto/,
    ],
    [
      'a micro video',
      'xmlns:C="http://ns.google.com/photos/1.0/camera/"',
      '<C:MicroVideo>1</C:MicroVideo><C:MicroVideoOffset>9</C:MicroVideoOffset>',
      /a video/,
      /MicroVideo/,
    ],
    [
      'a gain map',
      'xmlns:h="http://ns.adobe.com/hdr-gain-map/1.0/" h:Version="1.0"',
      '',
      /a gain map/,
      /hdr-gain-map\/1.0\/" h:/,
    ],
    [
      'a directory of what is behind',
      'xmlns:Container="http://ns.google.com/photos/1.0/container/" xmlns:Item="http://ns.google.com/photos/1.0/container/item/"',
      '<Container:Directory><rdf:Seq><rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="GainMap" Item:Length="7"/></rdf:li></rdf:Seq></Container:Directory>',
      /a gain map/,
      /<Container:Directory/,
    ],
  ])(
    'takes out that a photo announces %s, keeps the rest, and says so',
    async (_, attributes, properties, note, gone) => {
      const { tags, bytes, notes } = await through(
        withXmp(await jpeg(), packet(attributes, properties)),
        'jpeg',
      );
      expect(tags['XMP-dc:Rights']).toBe('Ann');
      expect(notes.join()).toMatch(note);
      expect(Buffer.from(bytes).toString('latin1')).not.toMatch(gone);
    },
  );

  it('says that a gain map by ISO 21496-1, and further pictures, are left out', async () => {
    const plain = await jpeg();
    const mark = concatBytes(ascii('urn:iso:std:iso:ts:21496:-1\0'), new Uint8Array(4));
    const map = concatBytes(withSegments(plain, [0xe2, mark]), withSegments(plain, [0xe2, mark]));
    expect((await through(map, 'jpeg')).notes).toEqual([expect.stringMatching(/^has a gain map/)]);
    for (const [kind, notes] of [
      // A stereo picture, and a preview for large displays, which is not a picture of its own.
      [0x020002, ['has 2 pictures; only the first is used']],
      [0x010002, []],
    ] as const) {
      const index = new Uint8Array(62);
      index.set(ascii('MPF\0II*\0\x08\0\0\0\x01\0\x02\xb0\x07\0\x20\0\0\0\x1a\0\0\0'));
      viewOf(index).setUint32(30, 0x030000, true);
      viewOf(index).setUint32(46, kind, true);
      const several = concatBytes(withSegments(plain, [0xe2, index]), plain);
      const result = await through(several, 'jpeg');
      expect(result.notes).toEqual(notes);
      expect(Buffer.from(result.bytes).includes('MPF')).toBe(false);
    }
  });

  it('says that a video after the picture is left out', async () => {
    const file = concatBytes(await jpeg(), ascii('\0\0\0\x18ftypmp42'), new Uint8Array(500));
    expect((await through(file, 'jpeg')).notes.join()).toMatch(/a video/);
  });

  it('keeps a second XMP packet: as it is in JPEG, within the first elsewhere', async () => {
    const name = 'A'.repeat(32);
    const first = packet(`xmlns:n="http://ns.adobe.com/xmp/note/" n:HasExtendedXMP="${name}"`, '');
    const second = packet(
      'xmlns:p="http://ns.adobe.com/photoshop/1.0/"',
      '<p:Instructions>handle with care</p:Instructions>',
    );
    const place = new Uint8Array(8);
    viewOf(place).setUint32(0, second.length);
    const extended = concatBytes(ascii('http://ns.adobe.com/xmp/extension/\0'), ascii(name), place, second);
    const file = withSegments(await jpeg(), [0xe1, concatBytes(XMP_PREFIX, first)], [0xe1, extended]);
    for (const format of PHOTO_FORMATS) {
      const { tags, bytes } = await through(file, format);
      expect(tags['XMP-photoshop:Instructions'], format).toBe('handle with care');
      expect(Buffer.from(bytes).includes('HasExtendedXMP'), format).toBe(format === 'jpeg');
    }
    const alone = await through(withXmp(await jpeg(), first), 'jpeg');
    expect(alone.notes.join()).toMatch(/second part that the file does not contain/);
  });

  it('keeps EXIF and XMP after the pixels of a PNG, and its text', async () => {
    const plain = await picture().png().toBuffer();
    const chunk = (kind: string, payload: Uint8Array) => {
      const body = concatBytes(ascii(kind), payload);
      const [head, tail] = [new Uint8Array(4), new Uint8Array(4)];
      viewOf(head).setUint32(0, payload.length);
      viewOf(tail).setUint32(0, crc32(body));
      return concatBytes(head, body, tail);
    };
    const exif = ascii('II*\0\x08\0\0\0\x01\0\x3b\x01\x02\0\x04\0\0\0Ann\0\0\0\0\0');
    const file = concatBytes(
      plain.subarray(0, -12),
      chunk('eXIf', exif),
      chunk('iTXt', concatBytes(ascii('XML:com.adobe.xmp\0\0\0\0\0'), packet('', ''))),
      chunk('tEXt', ascii('Title\0Flood')),
      plain.subarray(-12),
    );
    const { tags } = await through(file, 'png');
    expect([tags['IFD0:Artist'], tags['XMP-dc:Rights'], tags['PNG:Title']]).toEqual(['Ann', 'Ann', 'Flood']);
    expect((await through(file, 'jpeg')).notes.join()).toMatch(/no place for the text chunks \(Title\)/);
  });

  it('keeps the valid part of EXIF with a bad pointer, and says that it is damaged', async () => {
    const exif = new Uint8Array(55);
    exif.set(
      ascii('II*\0\x08\0\0\0\x02\0\x3b\x01\x02\0\x11\0\0\0\x26\0\0\0\x69\x87\x04\0\x01\0\0\0\x3f\x42\x0f\0'),
    );
    exif.set(ascii('Ann Photographer\0'), 38);
    const file = withSegments(await jpeg(), [0xe1, concatBytes(ascii('Exif\0\0'), exif)]);
    const { tags, notes } = await through(file, 'jpeg');
    expect(tags['IFD0:Artist']).toBe('Ann Photographer');
    expect(notes.join()).toMatch(/EXIF is damaged; what can be read/);
  });

  it.each([
    ['Canon, whose offsets count from the file', 'Canon', /MakerNotes are left out/],
    ['Apple, whose offsets count from the note', 'Apple iOS\0', undefined],
  ])('MakerNotes into TIFF: %s', async (_, start, note) => {
    const notes = ascii(start.padEnd(40, '.'));
    const exif = new Uint8Array(60 + notes.length);
    exif.set(ascii('II*\0\x08\0\0\0\x01\0\x69\x87\x04\0\x01\0\0\0\x1a\0\0\0\0\0\0\0'));
    exif.set(ascii(`\x01\0\x7c\x92\x07\0\x28\0\0\0\x3c\0\0\0\0\0\0\0`), 26);
    exif.set(notes, 60);
    const file = withSegments(await jpeg(), [0xe1, concatBytes(ascii('Exif\0\0'), exif)]);
    const result = await through(file, 'tiff');
    if (note) expect(result.notes.join()).toMatch(note);
    else expect(result.notes).toEqual([]);
    expect(Buffer.from(result.bytes).includes(Buffer.from(notes))).toBe(note === undefined);
    expect(Buffer.from((await through(file, 'jpeg')).bytes).includes(Buffer.from(notes))).toBe(true);
  });

  it('keeps EXIF and XMP of an AVIF, and ignores its EXIF orientation', async () => {
    const plain = await picture().avif().toBuffer();
    const { tags } = await through(
      await withTags(plain, '-Artist=Ann', '-Orientation=6', '-XMP-dc:Rights=Ann'),
      'png',
    );
    expect([tags['IFD0:Artist'], tags['XMP-dc:Rights'], tags['IFD0:Orientation']]).toEqual(['Ann', 'Ann', 1]);
    expect([tags['PNG:ImageWidth'], tags['PNG:ImageHeight']]).toEqual([24, 16]);
  });

  it('keeps XMP of a JPEG with a gain map', async () => {
    // Experimental in sharp, and not in its types.
    const map = picture() as Sharp & { withGainMap(): Sharp };
    const file = await withTags(
      await map.withGainMap().jpeg().toBuffer(),
      '-XMP-dc:Description=Our trip',
      '-XMP:Rating=5',
    );
    const { tags, bytes, notes } = await through(file, 'jpeg');
    expect([tags['XMP-dc:Description'], tags['XMP-xmp:Rating']]).toEqual(['Our trip', 5]);
    expect(notes).toEqual([expect.stringMatching(/gain map/)]);
    expect(Buffer.from(bytes).includes('hdrgm:Version')).toBe(false);
  });
});
