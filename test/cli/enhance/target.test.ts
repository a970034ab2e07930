import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { timeLeft } from '../../../src/cli/enhance/report';
import { targetOf } from '../../../src/cli/enhance/target';
import { InputError } from '../../../src/errors';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'glocal-target-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const target = (out: string, ...inputs: string[]) => targetOf(inputs, { out });

describe('targetOf', () => {
  it('is a file if a single photo gets a file name, otherwise a folder', () => {
    expect(target('b.png', 'a.jpg')).toEqual({ file: 'b.png' });
    expect(target('b.png', '-')).toEqual({ file: 'b.png' });
    expect(target('b', 'a.jpg')).toEqual({ folder: 'b' });
    expect(target('b', 'a.jpg', 'c.jpg')).toEqual({ folder: 'b' });
    expect(target('-', 'a.jpg')).toEqual({ stream: true });
    expect(targetOf(['a.jpg', 'b'], {})).toEqual({ beside: true });
    expect(targetOf(['-'], {})).toEqual({ stream: true });
  });

  it('does not put several photos into a folder named like a photo, unless it exists', () => {
    expect(() => target('b.png', 'a.jpg', 'c.jpg')).toThrow(InputError);
    expect(() => target('b.png', folder)).toThrow(/file name.*Name a folder/);
    const named = join(folder, 'album.jpg');
    mkdirSync(named);
    expect(target(named, 'a.jpg', 'c.jpg')).toEqual({ folder: named });
  });

  it('resolves folders that do not exist yet, which could lead back to the photo itself', () => {
    expect(target('new/../a.jpg', 'a.jpg')).toEqual({ file: 'a.jpg' });
  });
});

describe('timeLeft', () => {
  it('estimates the remaining time from the progress so far', () => {
    expect(timeLeft(10, 0.5)).toBe('10 s left');
    expect(timeLeft(60, 0.25)).toBe('3 min left');
    expect(timeLeft(3600, 0.25)).toBe('3 h 0 min left');
    expect([timeLeft(0.5, 0.5), timeLeft(10, 0)]).toEqual(['time left unknown', 'time left unknown']);
  });
});
