import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { targetOf } from '../../../src/cli/enhance/target';
import { InputError } from '../../../src/errors';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'glocal-target-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const target = (out: string, ...inputs: string[]) => targetOf(inputs, { out, suffix: '' });

describe('targetOf', () => {
  it('is a file where one photo gets the name of one, else a folder', () => {
    expect(target('b.png', 'a.jpg')).toEqual({ file: 'b.png' });
    expect(target('b.png', '-')).toEqual({ file: 'b.png' });
    expect(target('b', 'a.jpg')).toEqual({ folder: 'b' });
    expect(target('b', 'a.jpg', 'c.jpg')).toEqual({ folder: 'b' });
    expect(target('-', 'a.jpg')).toEqual({ stream: true });
  });

  it('does not put several photos into a folder that is called like a photo, unless it is there', () => {
    expect(() => target('b.png', 'a.jpg', 'c.jpg')).toThrow(InputError);
    expect(() => target('b.png', folder)).toThrow(/name of a photo.*Name a folder/);
    const named = join(folder, 'album.jpg');
    mkdirSync(named);
    expect(target(named, 'a.jpg', 'c.jpg')).toEqual({ folder: named });
  });

  it('sees through folders that are not there yet, behind which the photo itself may be meant', () => {
    expect(target('new/../a.jpg', 'a.jpg')).toEqual({ file: 'a.jpg' });
  });
});
