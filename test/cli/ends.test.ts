import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { processIdentity } from '../../src/process-identity-node';
import { randomImage, tinyWeights } from '../enhance/support';
import { type BuiltCli, buildCli } from '../support/cli';

/** How the command ends when its environment fails: readers, parents, disk space. */

let cli: BuiltCli;
let folder: string;
const at = (...names: string[]) => join(folder, ...names);

const PHOTOS = 30;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'glocal-ends-'));
  await writeFile(at('tiny.safetensors'), tinyWeights());
  await mkdir(at('photos'));
  const { data } = randomImage(24, 16);
  const photo = await sharp(data, { raw: { width: 24, height: 16, channels: 4 } })
    .png()
    .toBuffer();
  for (let i = 0; i < PHOTOS; i++) await writeFile(at('photos', `${i}.png`), photo);
  cli = await buildCli();
});
afterAll(async () => {
  await cli?.remove();
  await rm(folder, { recursive: true, force: true });
});

const command = (...args: string[]) => [cli.path, 'enhance', '--model', at('tiny.safetensors'), ...args];

/** Reads a little and exits, as `head` does. */
async function readALittle(args: readonly string[]) {
  const child = spawn(process.execPath, command(...args), { stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const closed = once(child, 'close');
  await once(child.stdout, 'data');
  child.stdout.destroy();
  const [code] = await closed;
  return { code: code as number | null, stderr };
}

describe('a reader that goes away', () => {
  it('stops no photo', async () => {
    const { code, stderr } = await readALittle([at('photos'), '-o', at('read')]);
    expect(code, stderr).toBe(0);
    expect(await readdir(at('read'))).toHaveLength(PHOTOS);
  });

  it('hides no failure', async () => {
    await cp(at('photos'), at('mixed'), { recursive: true });
    await writeFile(at('mixed', 'z.jpg'), 'dear diary');
    const { code, stderr } = await readALittle([at('mixed'), '-o', at('read-mixed')]);
    expect(stderr).toMatch(/z\.jpg: is not an image/);
    expect(code).toBe(1);
    expect(await readdir(at('read-mixed'))).toHaveLength(PHOTOS);
  });

  it('of the photo itself is an error', async () => {
    const child = spawn(process.execPath, command(at('photos', '1.png'), '-o', '-'), {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    const [code] = await once(child.stderr.resume(), 'end').then(() => [child.exitCode ?? undefined]);
    expect(code ?? (await once(child, 'exit'))[0]).toBe(1);
  });
});

describe.skipIf(process.platform === 'win32')('a signal', () => {
  it('ends the wait for standard input, and nothing is written', async () => {
    const child = spawn(process.execPath, command('-', '-o', at('never.png')), {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    // More than a pipe's buffer: once it is consumed, the command is reading and will wait for the rest.
    await new Promise((resolve) => child.stdin.write(Buffer.alloc(2 ** 20), resolve));
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    expect(code).toBe(130);
    expect(existsSync(at('never.png'))).toBe(false);
  });
});

describe.runIf(existsSync('/dev/full'))('a report that finds no room', () => {
  it('is reported in one line; the photos are written, and the exit code is 1', async () => {
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, command(at('photos'), '-o', at('full'), '--json'), {
      stdio: ['ignore', full, 'pipe'],
    });
    closeSync(full);
    let stderr = '';
    child.stderr!.on('data', (chunk) => {
      stderr += chunk;
    });
    const [code] = await once(child, 'close');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^glocal: standard output cannot be written \(ENOSPC: .*\), so .*$/m);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(await readdir(at('full'))).toHaveLength(PHOTOS);
  });
});

describe('a killed command', () => {
  it('leaves only whole results, and no process', async () => {
    const child = spawn(process.execPath, command(at('photos'), '-o', at('killed'), '-j', '1'), {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    child.stdout.resume();
    child.kill('SIGKILL');
    // Neither alone would do: a dying process closes its files before it is gone, and its helpers may outlive it.
    await once(child, 'close');
    expect(processIdentity(child.pid!)).toBeUndefined();
    const done = await readdir(at('killed'));
    expect(done.length).toBeLessThan(PHOTOS);
    for (const name of done) await sharp(at('killed', name)).stats();
  });
});
