import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sceneSource } from '../src/data/node/scenes';
import { loadModel } from '../src/enhance/node/models';
import { formatOfFile } from '../src/photo/node/format-of-file';
import { readPhoto } from '../src/photo/node/photo';
import { printable } from '../src/printable';
import { readRegularFile, readRegularFileSync } from '../src/read-file-node';

let folder: string;
const at = (name: string) => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'glocal-read-'));
  writeFileSync(at('file.jpg'), 'content');
  symlinkSync(at('file.jpg'), at('link.jpg'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('reads a file, also through a link', async () => {
  for (const name of ['file.jpg', 'link.jpg'])
    expect(String(await readRegularFile(at(name)))).toBe('content');
  await expect(readRegularFile(folder)).rejects.toThrow(/folder/);
  await expect(readRegularFile(at('none'))).rejects.toThrow(/ENOENT/);
});

describe.runIf(existsSync('/dev/zero'))('a link to what has no end', () => {
  beforeAll(() => {
    symlinkSync('/dev/zero', at('zero.jpg'));
    execFileSync('mkfifo', [at('pipe')]);
    symlinkSync(at('pipe'), at('fifo.jpg'));
  });

  test.each(['zero.jpg', 'fifo.jpg'])('%s is refused at once, whoever reads', async (name) => {
    const path = at(name);
    const refusal = /it is a pipe or a device, not a file/;
    await expect(readPhoto(path)).rejects.toThrow(refusal);
    await expect(loadModel(path)).rejects.toThrow(refusal);
    await expect(sceneSource({ name: 'scene', path }).read()).rejects.toThrow(refusal);
    await expect(sceneSource({ name: 'photo', photo: path }).read()).rejects.toThrow(refusal);
    expect(() => readRegularFileSync(path)).toThrow(refusal);
    // Requests the format of a file whose name does not reveal it.
    expect(formatOfFile(path)).toBeUndefined();
  });
});

test('printed names contain no control sequences', () => {
  expect(printable('a\u001b[31mb\r\u0007é写\u202ex\u009b\ny')).toBe(
    'a\\x1b[31mb\\x0d\\x07é写\\u202ex\\x9b\ny',
  );
});
