import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeFolder } from '../src/make-folder-node';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'glocal-folder-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('makeFolder', () => {
  test('creates a folder and its parents, and accepts an existing one', () => {
    const path = join(root, 'a', 'b', 'c');
    makeFolder(path);
    makeFolder(path);
    expect(statSync(path).isDirectory()).toBe(true);
  });

  test('throws if a file is in the way', () => {
    writeFileSync(join(root, 'file'), '');
    expect(() => makeFolder(join(root, 'file'))).toThrow(/EEXIST/);
    expect(() => makeFolder(join(root, 'file', 'below'))).toThrow(/EEXIST|ENOTDIR/);
  });

  test.runIf(existsSync('/proc/version'))('ends where the system makes no folders', () => {
    expect(() => makeFolder('/proc/a/b')).toThrow(/ENOENT/);
  });
});
