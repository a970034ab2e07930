/**
 * Kills runs of `glocal enhance` over a folder at random moments, every third time the whole process group, and
 * checks for damage: no partial results, no leftovers after the next run, unchanged originals.
 *
 *     npm run build && node scripts/kills.mjs [kills] [seed]
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const repository = fileURLToPath(new URL('..', import.meta.url));
const [kills = 30, seed = 1] = process.argv.slice(2).map(Number);
const PHOTOS = 40;

const root = await mkdtemp(join(tmpdir(), 'glocal-kills-'));
const [photos, results] = [join(root, 'photos'), join(root, 'results')];
try {
  await mkdir(photos);
  for (let i = 0; i < PHOTOS; i++) {
    const background = { r: (37 * i) % 90, g: (11 * i) % 80, b: (23 * i) % 70 };
    await sharp({ create: { width: 200, height: 150, channels: 3, background } })
      .png()
      .toFile(join(photos, `${i}.png`));
  }
  const originals = await digests(photos);
  let state = seed;
  const random = () => {
    state = (1664525 * state + 1013904223) % 2 ** 32;
    return state / 2 ** 32;
  };
  let mostStrays = 0;
  for (let n = 0; n < kills; n++) {
    await rm(results, { recursive: true, force: true });
    const isGroup = n % 3 === 0;
    const child = start(['--overwrite']);
    const ended = once(child, 'close');
    await once(child.stdout, 'data');
    await sleep(1500 * random());
    process.kill(isGroup ? -child.pid : child.pid, 'SIGKILL');
    // Output closes when its last process is gone.
    await ended;
    const left = await readdir(results);
    mostStrays = Math.max(mostStrays, left.filter((name) => name.startsWith('.')).length);
    for (const name of left.filter((one) => !one.startsWith('.'))) await sharp(join(results, name)).stats();
    const next = start(['--skip-existing']);
    next.stdout.resume();
    const [code] = await once(next, 'close');
    const names = await readdir(results);
    if (code !== 0 || names.length !== PHOTOS)
      throw new Error(`kill ${n}: exit code ${code}, ${names.join(' ')}`);
    if ((await digests(photos)) !== originals) throw new Error(`kill ${n}: an original has changed`);
  }
  console.log(
    `${kills} kills, ${Math.ceil(kills / 3)} of them of the group: no partial result, at most ${mostStrays} leftovers before the ` +
      'next run and none after it, originals unchanged',
  );
} finally {
  await rm(root, { recursive: true, force: true });
}

/** In its own process group. */
function start(options) {
  const args = [join(repository, 'dist/node/glocal.js'), 'enhance', photos, '-o', results, ...options];
  return spawn(process.execPath, args, { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
}

async function digests(folder) {
  const hash = createHash('sha256');
  for (const name of (await readdir(folder)).sort())
    hash.update(name).update(await readFile(join(folder, name)));
  return hash.digest('hex');
}
