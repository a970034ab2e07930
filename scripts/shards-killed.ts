/**
 * Enhances a folder with GNU parallel and --shard while workers are killed (SIGKILL) at random moments and restarted:
 * `node scripts/run.mjs scripts/shards-killed.ts [photos] [kills]`. Every photo must be done once, with the bytes of
 * an undisturbed run. Linux, with `parallel` installed.
 */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { Random } from '../src/random';
import { noisyPicture } from '../test/onnx/runtime';
import { buildCli } from '../test/support/cli';

const PARTS = 4;
const AT_ONCE = 2;
const POLL_MS = 20;
const LONGEST_DELAY_MS = 600;

const [photos = 48, kills = 10] = process.argv.slice(3).map(Number);
const random = new Random(Date.now());
const folder = await mkdtemp(join(tmpdir(), 'glocal-shards-'));
const [given, whole, made] = ['photos', 'whole', 'made'].map((name) => join(folder, name)) as [
  string,
  string,
  string,
];
const cli = await buildCli();
try {
  await mkdir(given);
  for (let k = 0; k < photos; k++) {
    const { data, width, height } = noisyPicture(160 + k, 120);
    await sharp(data, { raw: { width, height, channels: 3 } }).toFile(join(given, `${k}.png`));
  }
  const undisturbed = await cli.run(['enhance', given, '-o', whole]);
  if (undisturbed.code !== 0) throw new Error(undisturbed.stderr);
  const { code, killed, seen } = await disturbed();
  await check(code, killed, seen);
} finally {
  await cli.remove();
  await rm(folder, { recursive: true });
}

/** Runs all parts, and kills a worker each time a further share of the photos is done. */
async function disturbed(): Promise<{ code: number | null; killed: number; seen: Map<string, number> }> {
  const command = `${process.execPath} ${cli.path} enhance ${given} -o ${made} --skip-existing --shard {}/${PARTS}`;
  const retries = String(2 * kills);
  const child = spawn('parallel', ['-j', `${AT_ONCE}`, '--retries', retries, command, ':::', ...parts()], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let ended = false;
  const end = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      ended = true;
      resolve(code);
    });
  });
  const seen = new Map<string, number>();
  let killed = 0;
  while (!ended) {
    for (const name of (await readdir(made).catch(() => [])).filter(isResult)) {
      if (!seen.has(name)) seen.set(name, (await stat(join(made, name))).ino);
    }
    if (killed < kills && seen.size >= ((killed + 1) * photos) / (kills + 2)) {
      await sleep(random.uniform(0, LONGEST_DELAY_MS));
      const workers = await workersBelow(child.pid!);
      const victim = workers[random.integer(Math.max(workers.length, 1))];
      if (victim !== undefined) {
        process.kill(victim, 'SIGKILL');
        killed++;
        console.log(`killed worker ${victim} of ${workers.length}, ${seen.size} of ${photos} photos done`);
      }
    }
    await sleep(POLL_MS);
  }
  return { code: await end, killed, seen };
}

function parts(): string[] {
  return Array.from({ length: PARTS }, (_, k) => String(k + 1));
}

/** Files being written have names that start with a dot. */
function isResult(name: string): boolean {
  return !name.startsWith('.');
}

/** glocal's processes descending from this one. */
async function workersBelow(root: number): Promise<number[]> {
  const parents = new Map<number, number>();
  const workers: number[] = [];
  for (const id of (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)) {
    const status = await readFile(`/proc/${id}/stat`, 'utf8').catch(() => null);
    const command = await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '');
    // The name in parentheses may contain anything; the parent is the second field after it.
    const parent = status?.slice(status.lastIndexOf(')') + 2).split(' ')[1];
    if (parent !== undefined) parents.set(id, Number(parent));
    if (command.startsWith(`${process.execPath}\0${cli.path}\0`)) workers.push(id);
  }
  const descends = (id: number): boolean => {
    const parent = parents.get(id);
    return parent !== undefined && (parent === root || descends(parent));
  };
  return workers.filter(descends);
}

async function check(code: number | null, killed: number, seen: ReadonlyMap<string, number>): Promise<void> {
  const all = await readdir(made);
  const expected = await readdir(whole);
  const faults = [
    ...(code === 0 ? [] : [`parallel ended with ${code}`]),
    ...(killed === kills ? [] : [`${killed} workers were killed, not ${kills}`]),
    ...all.filter((name) => !expected.includes(name)).map((name) => `${name} is left over`),
    ...expected.filter((name) => !all.includes(name)).map((name) => `${name} is missing`),
  ];
  for (const name of expected.filter((name) => all.includes(name))) {
    const [got, wanted] = await Promise.all([readFile(join(made, name)), readFile(join(whole, name))]);
    if (Buffer.compare(got, wanted) !== 0) faults.push(`${name} differs from an undisturbed run's`);
    const { ino } = await stat(join(made, name));
    if (seen.has(name) && seen.get(name) !== ino) faults.push(`${name} was written twice`);
  }
  for (const fault of faults) console.error(fault);
  console.log(
    `${expected.length} photos, ${PARTS} parts, ${killed} workers killed: ${faults.length === 0 ? 'every photo done once, whole' : `${faults.length} faults`}`,
  );
  if (faults.length > 0) process.exitCode = 1;
}
