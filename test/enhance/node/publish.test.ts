import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  partBeside,
  publish,
  removeReservation,
  removeStrays,
  reservation,
  TakenError,
} from '../../../src/enhance/node/publish';
import { isKnownOtherwise, looseName, wouldBeOne } from '../../../src/enhance/node/same-file';
import { InputError } from '../../../src/errors';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'glocal-publish-'));
});
afterEach(() => rm(folder, { recursive: true }));

const text = (value: string) => new TextEncoder().encode(value);
/** A process that has ended. */
const deadPid = () => spawnSync(process.execPath, ['-e', '']).pid;

/** Several results for one name at once: one wins, whole. */
async function race(paths: readonly string[]): Promise<void> {
  const contents = paths.map((_, i) => String(i).repeat(20_000));
  const outcomes = await Promise.allSettled(
    contents.map((content, i) => publish(paths[i]!, text(content), { replace: false })),
  );
  const winners = outcomes.flatMap(({ status }, i) => (status === 'fulfilled' ? [i] : []));
  expect(winners).toHaveLength(1);
  const [winner] = winners as [number];
  // Compared as truth values: a diff of the contents would fill the screen.
  expect((await readFile(paths[winner]!, 'utf8')) === contents[winner]).toBe(true);
}

it.skipIf(process.platform === 'win32')(
  'leaves nothing of a file that the disk has no room for',
  async () => {
    // A limit on the size of files stands in for a full disk: the write fails half-way.
    const script = join(folder, 'write.ts');
    const publisher = fileURLToPath(new URL('../../../src/enhance/node/publish.ts', import.meta.url));
    const place = join(folder, 'large.bin');
    await writeFile(
      script,
      `import { publish } from '${publisher}';
    await publish('${place}', new Uint8Array(1 << 20), { replace: true }).catch((error) => console.log(error.name, error.message));`,
    );
    const run = fileURLToPath(new URL('../../../scripts/run.mjs', import.meta.url));
    const command = ['-c', 'ulimit -f 64; exec "$0" "$1" "$2"', process.execPath, run, script];
    const { stdout } = spawnSync('sh', command, { encoding: 'utf8' });
    expect(stdout).toMatch(/^InputError .*large\.bin cannot be written: EFBIG/);
    expect(await readdir(folder)).toEqual(['write.ts']);
  },
);

describe('publish', () => {
  it('keeps an existing file, and replaces it only if requested', async () => {
    const path = join(folder, 'a.jpg');
    await publish(path, text('first'), { replace: false });
    await expect(publish(path, text('second'), { replace: false })).rejects.toThrow(TakenError);
    expect(await readFile(path, 'utf8')).toBe('first');
    await publish(path, text('third'), { replace: true });
    expect(await readFile(path, 'utf8')).toBe('third');
    expect(await readdir(folder)).toEqual(['a.jpg']);
  });

  it('lets exactly one of many win, with a whole file, in each of 50 races', async () => {
    for (let k = 0; k < 50; k++) await race(Array(4).fill(join(folder, `${k}.jpg`)));
  });

  it('leaves nothing behind when a file cannot be written', async () => {
    await writeFile(join(folder, 'occupied'), 'a file, not a folder');
    const inside = join(folder, 'occupied', 'out.png');
    await expect(publish(inside, new Uint8Array(4), { replace: true })).rejects.toThrow(InputError);
    await publish(join(folder, 'fine.bin'), new Uint8Array(4), { replace: true });
    expect((await readdir(folder)).sort()).toEqual(['fine.bin', 'occupied']);
  });
});

describe('the leftovers of a killed run', () => {
  it('are removed when its process is gone, and stay while it runs', async () => {
    const names = [partBeside(join(folder, 'a.jpg'), deadPid()), partBeside(join(folder, 'a.jpg'))];
    for (const name of names) await writeFile(name, 'half of a photo');
    await writeFile(join(folder, '.glocal-notes.part'), 'not ours');
    await removeStrays(folder);
    const left = ['.glocal-notes.part', names[1]!.slice(folder.length + 1)];
    expect((await readdir(folder)).sort()).toEqual(left.sort());
  });

  it('include reservations of names, but no other files', async () => {
    const files = { 'abandoned.jpg': reservation(deadPid()), 'held.jpg': reservation(), 'photo.jpg': 'x' };
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
    for (const name of [...Object.keys(files), 'nowhere.jpg']) await removeReservation(join(folder, name));
    expect((await readdir(folder)).sort()).toEqual(['held.jpg', 'photo.jpg']);
  });
});

describe('names that may denote one file', () => {
  it('are compared loosely by spelling, and strictly by the file system', async () => {
    expect(looseName('/a/IMG_Ä.jpg')).toBe(looseName('/A/img_a\u0308.JPG'));
    expect(looseName('/a/b.jpg')).not.toBe(looseName('/a/c.jpg'));
    await writeFile(join(folder, 'IMG.jpg'), 'x');
    // The tests' temporary folder may be on a disk of either kind.
    const isLoose = (await readFile(join(folder, 'img.JPG')).catch(() => null)) !== null;
    expect(isKnownOtherwise(join(folder, 'img.JPG'))).toBe(isLoose);
    expect(isKnownOtherwise(join(folder, 'IMG.jpg'))).toBe(false);
    expect(isKnownOtherwise(join(folder, 'other.jpg'))).toBe(false);
    expect(wouldBeOne(join(folder, 'new.jpg'), join(folder, 'NEW.jpg'))).toBe(isLoose);
    expect(await readdir(folder)).toEqual(['IMG.jpg']);
  });
});

/** Mounts an exFAT image; returns the reason if that is not possible. */
function mountExfat(): { place: string; unmount: () => void } | string {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'mounting needs Linux and root';
  const place = join(folder, 'disk');
  const image = join(folder, 'disk.img');
  const run = (program: string, ...args: string[]) => execFileSync(program, args, { stdio: 'pipe' });
  try {
    run('mkdir', place);
    run('truncate', '-s', '16M', image);
    run('mkfs.exfat', image);
    const device = run('losetup', '-f', '--show', image).toString().trim();
    const detach = () => run('losetup', '-d', device);
    try {
      run('mount.exfat-fuse', device, place);
    } catch (error) {
      detach();
      throw error;
    }
    const unmount = () => {
      run('umount', place);
      detach();
    };
    return { place, unmount };
  } catch (error) {
    return `no exFAT disk: ${(error as Error).message.split('\n')[0]}`;
  }
}

it('on an exFAT disk reserves names, since it has no hard links and treats a.jpg and A.JPG as equal', async (test) => {
  const disk = mountExfat();
  if (typeof disk === 'string') return test.skip(disk);
  try {
    const at = (name: string) => join(disk.place, name);
    expect(await publish(at('A.jpg'), text('first'), { replace: false })).toEqual({ reserved: true });
    await expect(publish(at('a.JPG'), text('second'), { replace: false })).rejects.toThrow(TakenError);
    expect(await readdir(disk.place)).toEqual(['A.jpg']);
    expect(await readFile(at('A.jpg'), 'utf8')).toBe('first');
    expect(isKnownOtherwise(at('a.jpg'))).toBe(true);
    expect(wouldBeOne(at('new.jpg'), at('NEW.jpg'))).toBe(true);
    for (let k = 0; k < 20; k++) await race([at(`${k}r.jpg`), at(`${k}R.jpg`), at(`${k}r.JPG`)]);
  } finally {
    disk.unmount();
  }
});
