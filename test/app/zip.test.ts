import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { archiveNames } from '../../src/app/archive-names';
import { archiveParts, zip } from '../../src/app/zip';
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
  it('contains every file under its name, including equal names and names beyond ASCII', async () => {
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
});

const python = spawnSync('python3', ['--version']).status === 0;
if (!python) console.error('SKIPPED: no python3, whose zipfile reads the archives with 64-bit sizes.');

describe.runIf(python)('an archive with 64-bit sizes, as Python reads it', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'glocal-zip-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Names, sizes and first bytes. */
  const READ = `
import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    print(json.dumps([[i.filename, i.file_size, archive.open(i).read(5).decode()] for i in archive.infolist()[-3:]]))
    print(len(archive.infolist()))`;

  function read(path: string): { last: unknown; count: number } {
    const { stdout, stderr } = spawnSync('python3', ['-c', READ, path], { encoding: 'utf8' });
    expect(stderr).toBe('');
    const [last = '', count] = stdout.split('\n');
    return { last: JSON.parse(last), count: Number(count) };
  }

  /** Writes an archive of text files, each padded with zeros to its size (as holes). */
  async function write(path: string, files: readonly { name: string; text: string; size?: number }[]) {
    const entries = files.map(({ name, text, size = text.length }) => {
      const bytes = new TextEncoder().encode(text);
      return { name, data: { size, bytes, arrayBuffer: () => Promise.resolve(bytes.buffer) } };
    });
    const file = openSync(path, 'w');
    let at = 0;
    let run: Uint8Array[] = [];
    const flush = () => {
      const bytes = Buffer.concat(run);
      writeSync(file, bytes, 0, bytes.length, at);
      at += bytes.length;
      run = [];
    };
    for (const part of await archiveParts(entries, new Date(2024, 0, 1))) {
      run.push('bytes' in part ? part.bytes : part);
      if (!('bytes' in part) || part.size === part.bytes.length) continue;
      flush();
      at += part.size - part.bytes.length;
    }
    flush();
    closeSync(file);
  }

  it('may have more than 65,535 files', async () => {
    const path = join(folder, 'many.zip');
    await write(
      path,
      Array.from({ length: 70_000 }, (_, i) => ({ name: `${i}.txt`, text: `${i}` })),
    );
    expect(read(path)).toEqual({
      count: 70_000,
      last: [
        ['69997.txt', 5, '69997'],
        ['69998.txt', 5, '69998'],
        ['69999.txt', 5, '69999'],
      ],
    });
  });

  it('may be longer than 4 GiB, and so may its files', async () => {
    const path = join(folder, 'long.zip');
    await write(path, [
      { name: 'long.bin', text: 'first', size: 5 * 2 ** 30 },
      { name: 'middle.bin', text: 'other', size: 3 * 2 ** 30 },
      { name: 'short.txt', text: 'third' },
    ]);
    expect(read(path)).toEqual({
      count: 3,
      last: [
        ['long.bin', 5 * 2 ** 30, 'first'],
        ['middle.bin', 3 * 2 ** 30, 'other'],
        ['short.txt', 5, 'third'],
      ],
    });
  });
});

describe('archiveNames', () => {
  it('avoids names that already exist', () => {
    expect(archiveNames(['a.b', 'a.b', 'a (2).b', 'c', 'c', '.d', '.d'])).toEqual([
      'a.b',
      'a (2).b',
      'a (2) (2).b',
      'c',
      'c (2)',
      '.d',
      '.d (2)',
    ]);
  });

  it('stay inside their folder, on any system', () => {
    const evil = [
      '..\\..\\up.jpg',
      '../up.jpg',
      'C:evil.jpg',
      '/etc/passwd',
      '..',
      '',
      'nul.jpg',
      'a\u0000b.jpg',
    ];
    const names = archiveNames(evil);
    for (const name of names) {
      expect(name).not.toMatch(/[/\\:]/);
      expect(name).not.toMatch(/\p{Cc}|^\.*$|^nul\./iu);
    }
    expect(new Set(names).size).toBe(evil.length);
  });

  it('differ even if case and Unicode form are ignored', () => {
    expect(archiveNames(['A.jpg', 'a.jpg', 'é.jpg', 'e\u0301.jpg', 'x\u202egpj.exe'])).toEqual([
      'A.jpg',
      'a (2).jpg',
      'é.jpg',
      'e\u0301 (2).jpg',
      'x_gpj.exe',
    ]);
  });
});
