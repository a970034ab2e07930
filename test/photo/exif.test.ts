import { describe, expect, it } from 'vitest';
import { adaptExif, exifOrientation, uprightExif } from '../../src/photo/exif';

/** IFD0 with orientation 6 and a pointer to an EXIF directory with the pixel sizes, then IFD1 (a thumbnail). */
function block(little: boolean): Uint8Array {
  const data = new DataView(new ArrayBuffer(86));
  const u16 = (at: number, value: number) => data.setUint16(at, value, little);
  const u32 = (at: number, value: number) => data.setUint32(at, value, little);
  const entry = (at: number, tag: number, type: number, value: number) => {
    u16(at, tag);
    u16(at + 2, type);
    u32(at + 4, 1);
    if (type === 3) u16(at + 8, value);
    else u32(at + 8, value);
  };
  data.setUint16(0, little ? 0x4949 : 0x4d4d);
  u16(2, 42);
  u32(4, 8);
  u16(8, 2);
  entry(10, 0x0112, 3, 6);
  entry(22, 0x8769, 4, 38);
  u32(34, 68);
  u16(38, 2);
  entry(40, 0xa002, 4, 24);
  entry(52, 0xa003, 3, 16);
  u16(68, 1);
  entry(70, 0x0112, 3, 6);
  return new Uint8Array(data.buffer);
}

describe('uprightExif', () => {
  it.each([true, false])(
    'sets orientation and size and unlinks the thumbnail, little-endian %s',
    (little) => {
      const given = block(little);
      const before = given.slice();
      const data = new DataView(uprightExif(given, 16, 24)!.buffer);
      expect(given).toEqual(before);
      expect(data.getUint16(18, little)).toBe(1);
      expect(data.getUint32(48, little)).toBe(16);
      expect(data.getUint16(60, little)).toBe(24);
      expect(data.getUint32(34, little)).toBe(0);
    },
  );

  it('removes the prefix', () => {
    const prefixed = new Uint8Array([...Buffer.from('Exif\0\0'), ...block(true)]);
    expect(uprightExif(prefixed, 16, 24)).toEqual(uprightExif(block(true), 16, 24));
  });

  it('keeps what there is when the end is missing', () => {
    // The entries are complete; the link after them and the target of the second one are not.
    const kept = uprightExif(block(true).slice(0, 36), 16, 24)!;
    expect(Array.from(kept.subarray(8, 20))).toEqual([1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, 1, 0]);
  });

  it('removes an entry that points beyond the block, and moves the link up', () => {
    const data = new DataView(block(true).buffer);
    data.setUint32(30, 9999, true);
    const { exif, isDamaged } = adaptExif(new Uint8Array(data.buffer), 16, 24)!;
    expect(isDamaged).toBe(true);
    expect(new DataView(exif.buffer).getUint16(8, true)).toBe(1);
    expect(exifOrientation(exif)).toBe(1);
    expect(adaptExif(block(true), 16, 24)!.isDamaged).toBe(false);
  });

  it.each([
    [1, 1],
    [3, 2],
    [4, 4],
    [9, 4],
  ])('reads and sets an orientation of type %i', (type, bytes) => {
    for (const little of [true, false]) {
      const data = new DataView(block(little).buffer);
      data.setUint16(12, type, little);
      data.setUint32(18, 0);
      if (bytes === 1) data.setUint8(18, 6);
      else if (bytes === 2) data.setUint16(18, 6, little);
      else data.setUint32(18, 6, little);
      const given = new Uint8Array(data.buffer);
      expect(exifOrientation(given)).toBe(6);
      expect(exifOrientation(uprightExif(given, 16, 24)!)).toBe(1);
    }
  });

  it('leaves the bytes of a Buffer alone, whose slices share them', () => {
    const given = Buffer.from(block(true));
    uprightExif(given, 16, 24);
    expect(new Uint8Array(given)).toEqual(block(true));
  });

  it('gives up on a block that is not well formed', () => {
    for (const length of [0, 1, 7, 9, 20])
      expect(uprightExif(block(true).slice(0, length), 1, 1)).toBeUndefined();
    expect(uprightExif(new Uint8Array(86).fill(7), 1, 1)).toBeUndefined();
  });
});
