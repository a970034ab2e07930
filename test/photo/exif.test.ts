import { describe, expect, it } from 'vitest';
import { uprightExif } from '../../src/photo/exif';

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

  it('takes the prefix off', () => {
    const prefixed = new Uint8Array([...Buffer.from('Exif\0\0'), ...block(true)]);
    expect(uprightExif(prefixed, 16, 24)).toEqual(uprightExif(block(true), 16, 24));
  });

  it('gives up on a block that is not well formed, wherever it is cut', () => {
    for (const length of [0, 1, 7, 9, 20, 36])
      expect(uprightExif(block(true).slice(0, length), 1, 1)).toBeUndefined();
    expect(uprightExif(new Uint8Array(86).fill(7), 1, 1)).toBeUndefined();
  });
});
