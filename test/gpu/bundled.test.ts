import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findBundle, unpackBundled } from '../../src/gpu/node/bundled';
import { openCache } from '../../src/gpu/node/cache';
import { readTar } from '../../src/gpu/node/tar';

describe.skipIf(!findBundle())('unpackBundled', () => {
  let cache: string;

  beforeEach(async () => {
    cache = await mkdtemp(join(tmpdir(), 'glocal-cache-'));
    vi.stubEnv('XDG_CACHE_HOME', cache);
  });

  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(cache, { recursive: true });
  });

  it('unpacks once, even for two simultaneous requests, and leaves nothing else behind', async () => {
    const [first, second] = await Promise.all([unpackBundled('vulkan'), unpackBundled('vulkan')]);
    expect(first).toBe(join(cache, 'glocal', `vulkan-${findBundle()?.version}`));
    expect(second).toBe(first);
    expect((await readdir(first!)).sort()).toEqual([
      '.files.json',
      'libvk_swiftshader.so',
      'libvulkan.so.1',
      'vk_swiftshader_icd.json',
    ]);
    expect(await readdir(join(cache, 'glocal'))).toHaveLength(1);
    const { mtimeMs } = await stat(first!);
    expect(await unpackBundled('vulkan')).toBe(first);
    expect((await stat(first!)).mtimeMs).toBe(mtimeMs);
  });

  it('unpacks broken files again: truncated, changed, missing, or a link', async () => {
    const folder = (await unpackBundled('vulkan'))!;
    const library = join(folder, 'libvulkan.so.1');
    const whole = await readFile(library);
    const breaks = [
      () => truncate(library, 100),
      () => writeFile(library, whole),
      () => rm(library),
      async () => {
        await rename(library, join(cache, 'elsewhere'));
        await symlink(join(cache, 'elsewhere'), library);
      },
      () => rm(join(folder, '.files.json')),
    ];
    for (const harm of breaks) {
      await harm();
      expect(await unpackBundled('vulkan')).toBe(folder);
      expect((await lstat(library)).isFile()).toBe(true);
      expect((await readFile(library)).equals(whole)).toBe(true);
      expect(await readdir(join(cache, 'glocal'))).toHaveLength(1);
    }
  });

  it.skipIf(process.platform === 'win32')(
    'loads nothing from a folder that others can write, or a link',
    async () => {
      vi.stubEnv('TMPDIR', join(cache, 'tmp'));
      await mkdir(join(cache, 'tmp'));
      await mkdir(join(cache, 'glocal'));
      await chmod(join(cache, 'glocal'), 0o777);
      const own = join(cache, 'tmp', `glocal-${userInfo().uid}`);
      expect(await openCache()).toBe(own);
      expect((await stat(own)).mode & 0o777).toBe(0o700);
      await rm(join(cache, 'glocal'), { recursive: true });
      await mkdir(join(cache, 'mine'), { mode: 0o700 });
      await symlink(join(cache, 'mine'), join(cache, 'glocal'));
      expect(await openCache()).toBe(own);
      // Someone else may have placed this name in the temporary folder.
      await rm(own, { recursive: true });
      await symlink(join(cache, 'mine'), own);
      const other = await openCache();
      expect(other).not.toBe(own);
      expect((await lstat(other)).isDirectory()).toBe(true);
      expect((await stat(other)).mode & 0o777).toBe(0o700);
    },
  );

  it('goes to the temporary folder when the cache cannot be written', async () => {
    await writeFile(join(cache, 'glocal'), 'a file where the folder should be');
    // One of its own, where nothing is unpacked yet.
    vi.stubEnv('TMPDIR', cache);
    const folder = await unpackBundled('nss');
    expect(folder).toContain(join(cache, `glocal-${userInfo().uid}`));
    expect(await readdir(join(folder!, 'lib'))).toContain('libnss3.so');
  });

  it('names the actual folder of the fonts', async () => {
    const folder = await unpackBundled('fonts');
    const named = /<dir>(.*)<\/dir>/.exec(await readFile(join(folder!, 'fonts.conf'), 'utf8'))?.[1];
    expect(await readdir(named!)).toContain('Open_Sans');
  });
});

describe('readTar', () => {
  /** One entry as ustar writes it; the checksum is not looked at. */
  function entry(name: string, type: string, content: string): Buffer {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write('0000755\0', 100);
    header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write(type, 156);
    return Buffer.concat([header, Buffer.from(content.padEnd(Math.ceil(content.length / 512) * 512, '\0'))]);
  }

  it('gives the regular files', () => {
    const archive = Buffer.concat([
      entry('lib/', '5', ''),
      entry('lib/a.so', '0', 'x'.repeat(513)),
      entry('link', '2', ''),
      entry('b', '0', ''),
      Buffer.alloc(1024),
    ]);
    const files = [...readTar(archive)];
    expect(files.map(({ name, mode, data }) => [name, mode, data.length])).toEqual([
      ['lib/a.so', 0o755, 513],
      ['b', 0o755, 0],
    ]);
  });

  it('refuses an archive that ends early', () => {
    expect(() => [...readTar(entry('a', '0', 'content').subarray(0, 512))]).toThrow('truncated');
  });
});
