/**
 * Races two runs of `glocal enhance` for the names in one folder, and checks that no result was lost or replaced:
 * each name has one result, from the run that reports having made it, and the other run reports that the name was
 * taken. Also on an exFAT disk, without links and with names that ignore case, if an image of one can be mounted.
 *
 *     npm run build && node scripts/races.mjs [races]
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const repository = fileURLToPath(new URL('..', import.meta.url));
const [races = 200] = process.argv.slice(2).map(Number);
/** Results differ by run. */
const STRENGTHS = ['1', '0.4'];

const root = await mkdtemp(join(tmpdir(), 'glocal-races-'));
try {
  const names = Array.from({ length: races }, (_, i) => `IMG_${i}.png`);
  // exFAT ignores the case of names.
  const lower = names.map((name) => name.toLowerCase());
  for (const [folder, list] of [
    ['upper', names],
    ['lower', lower],
  ]) {
    await mkdir(join(root, folder));
    for (const [i, name] of list.entries()) {
      const background = { r: (37 * i) % 90, g: (11 * i) % 80, b: (23 * i) % 70 };
      await sharp({ create: { width: 16, height: 16, channels: 3, background } })
        .png()
        .toFile(join(root, folder, name));
    }
  }
  const makers = [];
  for (const [i, strength] of STRENGTHS.entries()) {
    const alone = join(root, `alone-${i}`);
    const { results } = await run(join(root, 'upper'), alone, strength);
    if (results.some(({ error }) => error)) throw new Error('a run alone fails');
    makers.push(
      new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(alone, name))]))),
    );
  }
  await race('a disk with links', join(root, 'out'), ['upper', 'upper'], names, makers);
  const disk = mountExfat(join(root, 'disk'));
  if (typeof disk === 'string') console.log(`exFAT: skipped (${disk})`);
  else {
    try {
      await race('exFAT', join(root, 'disk', 'out'), ['upper', 'lower'], names, makers);
    } finally {
      disk.unmount();
    }
  }
} finally {
  await rm(root, { recursive: true, force: true });
}

async function race(where, out, folders, names, makers) {
  await mkdir(out, { recursive: true });
  const both = await Promise.all(STRENGTHS.map((strength, i) => run(join(root, folders[i]), out, strength)));
  const left = new Map((await readdir(out)).map((name) => [name.toUpperCase(), name]));
  if (left.size !== names.length) throw new Error(`${where}: ${left.size} files for ${names.length} names`);
  const wins = [0, 0];
  for (const name of names) {
    const said = both.map(({ results }) =>
      results.find(({ input }) => input.toUpperCase().endsWith(`/${name.toUpperCase()}`)),
    );
    const winners = said.flatMap((result, i) => (result?.error === undefined ? [i] : []));
    const lost = said.find(({ error }) => error !== undefined)?.error;
    if (winners.length !== 1) throw new Error(`${where}: ${name} was made by ${winners.length} runs`);
    if (!/appeared in the meantime|exists/.test(lost)) throw new Error(`${where}: ${name}: ${lost}`);
    const [winner] = winners;
    wins[winner]++;
    const made = await readFile(join(out, left.get(name.toUpperCase())));
    if (!made.equals(makers[winner].get(name))) throw new Error(`${where}: ${name} is not what its run made`);
  }
  console.log(
    `${where}: ${names.length} races, won by the first run ${wins[0]} times, by the second ${wins[1]} times; every name has ` +
      'one result, that of its winner, and every loser reported it',
  );
}

async function run(photos, out, strength) {
  const options = ['--strength', strength, '--json', '--jobs', '2'];
  const child = spawn(
    process.execPath,
    [join(repository, 'dist/node/glocal.js'), 'enhance', photos, '-o', out, ...options],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const chunks = [];
  child.stdout.on('data', (chunk) => chunks.push(chunk));
  await once(child, 'close');
  return { results: JSON.parse(String(Buffer.concat(chunks))).files };
}

/** Returns the reason if there is none. */
function mountExfat(place) {
  if (process.platform !== 'linux' || process.getuid() !== 0) return 'mounting needs Linux and root';
  const command = (program, ...args) => execFileSync(program, args, { stdio: 'pipe' }).toString().trim();
  let device;
  try {
    command('mkdir', place);
    command('truncate', '-s', '64M', `${place}.img`);
    command('mkfs.exfat', `${place}.img`);
    device = command('losetup', '-f', '--show', `${place}.img`);
    command('mount.exfat-fuse', device, place);
  } catch (error) {
    if (device) command('losetup', '-d', device);
    return error.message.split('\n')[0];
  }
  const unmount = () => {
    command('umount', place);
    command('losetup', '-d', device);
  };
  return { unmount };
}
