import { describe, expect, it } from 'vitest';
import { uniqueNames, zip } from '../../src/app/zip';
import { crc32 } from '../../src/photo/bytes';

const text = (value: string): Blob => new Blob([value]);

/** Reads an archive by its central directory, as unpackers do. */
async function unzip(archive: Blob): Promise<Map<string, string>> {
  const bytes = new Uint8Array(await archive.arrayBuffer());
  const view = new DataView(bytes.buffer);
  const end = bytes.length - 22;
  expect(view.getUint32(end, true)).toBe(0x06054b50);
  const files = new Map<string, string>();
  let at = view.getUint32(end + 16, true);
  for (let n = view.getUint16(end + 10, true); n > 0; n--) {
    expect(view.getUint32(at, true)).toBe(0x02014b50);
    const size = view.getUint32(at + 24, true);
    const nameLength = view.getUint16(at + 28, true);
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    const local = view.getUint32(at + 42, true);
    expect(view.getUint32(local, true)).toBe(0x04034b50);
    const from = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    const data = bytes.subarray(from, from + size);
    expect(view.getUint32(at + 16, true)).toBe(crc32(data));
    files.set(name, new TextDecoder().decode(data));
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  expect(at).toBe(end);
  return files;
}

describe('crc32', () => {
  it('has the check value of its definition', () => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
  });
});

describe('zip', () => {
  it('holds every file under its name, also those of one name and beyond ASCII', async () => {
    const entries = [
      { name: 'a.jpg', data: text('first') },
      { name: 'a.jpg', data: text('second') },
      { name: 'Straße 写真.png', data: text('') },
    ];
    const files = await unzip(await zip(entries, new Date(2024, 4, 6, 7, 8, 9)));
    expect([...files]).toEqual([
      ['a.jpg', 'first'],
      ['a (2).jpg', 'second'],
      ['Straße 写真.png', ''],
    ]);
  });

  it('refuses what its format cannot count', async () => {
    const many = new Array(0x10000).fill({ name: 'x', data: text('') });
    await expect(zip(many, new Date(0))).rejects.toThrow(/65535/);
  });
});

describe('uniqueNames', () => {
  it('does not run into a name that is there already', () => {
    expect(uniqueNames(['a.b', 'a.b', 'a (2).b', 'c', 'c', '.d', '.d'])).toEqual([
      'a.b',
      'a (2).b',
      'a (2) (2).b',
      'c',
      'c (2)',
      '.d',
      '.d (2)',
    ]);
  });
});
