import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeWeights } from '../../src/model/weights';
import { decodeCheckpoint } from '../../src/train/checkpoint';
import { parseLog } from '../../src/train/log';
import { type BuiltCli, buildCli } from '../support/cli';
import { writeScenes } from './scenes';

let cli: BuiltCli;
let root: string;
beforeAll(async () => {
  cli = await buildCli();
  root = mkdtempSync(join(tmpdir(), 'glocal-faults-'));
  writeScenes(join(root, 'scenes'), ['a', 'b', 'c', 'd', 'e', 'f']);
});
afterAll(async () => {
  await cli?.remove();
  rmSync(root, { recursive: true, force: true });
});

const train = (out: string, scenes = 'scenes') => [
  ...['train', '--runtime', 'node', '--workers', '1', '--data', join(root, scenes), '--out', out],
  ...['--patch', '32', '--batch', '2', '--warmup', '0', '--seed', '7'],
  ...['--validation-pairs', '0', '--statistics', '0'],
];
/** With the network that has the least to compile and to compute, where the test is about files. */
const tiny = (out: string, scenes?: string) => [
  ...train(out, scenes),
  ...['--network', 'bilateral-grid', '--width', '1', '--grid', '16', '--loss', 'mse'],
];
const log = (out: string) => parseLog(readFileSync(join(out, 'log.jsonl'), 'utf8'));
const steps = (out: string) => log(out).flatMap((line) => ('loss' in line ? [line] : []));
const upTo = (end: number) => Array.from({ length: end }, (_, i) => i + 1);

describe('a training that diverges', () => {
  // Between 1.4e6 and 2e6 the moments of this run leave the range of f32, on all adapters seen.
  const narrow = ['--width', '4', '--global-width', '4', '--steps', '6'];
  const divergent = [...narrow, '--lr', '2.6e6', '--checkpoint-every', '6'];

  test('returns to its checkpoint and continues at half the rate', async () => {
    const out = join(root, 'halved');
    const { code, stderr } = await cli.run([...train(out), ...divergent]);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(
      /not finite \(learning rate .*; losses before it: .*half the learning rate\. Continuing after step 0/,
    );
    const whole = join(root, 'half');
    const half = await cli.run([...train(whole), ...divergent, '--lr', '1.3e6']);
    expect(half.code, half.stderr).toBe(0);
    expect(steps(out).map(({ step, loss, lr }) => [step, loss, lr])).toEqual(
      steps(whole).map(({ step, loss, lr }) => [step, loss, lr]),
    );
    expect(log(out)[1]).toMatchObject({ event: 'resume', message: expect.stringContaining('not finite') });
    // A run resumed from here must know its rate.
    const { meta } = decodeCheckpoint(
      readFileSync(join(out, 'checkpoints', 'step-0000006.safetensors')),
      'it',
    );
    expect(meta.lowered?.factor).toBe(0.5);
  });

  test('again after that stops with a report', async () => {
    const out = join(root, 'diverged');
    const { code, stderr } = await cli.run([...train(out), ...narrow, '--lr', '1e30']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/Continuing after step 0 \(restart 1 of 5\)/);
    expect(stderr).toMatch(
      /diverged again\. First: The loss of step 2 is .* Then, with 0\.5 times the rate: The loss of step 2 is .*lower --lr \(try 1e\+29/,
    );
    expect(log(out).at(-1)).toMatchObject({ event: 'diverged' });
    expect(existsSync(join(out, 'weights.safetensors'))).toBe(false);
  });
});

test('trains on the good ones of good, truncated, wrong and black files, and names the others once', async () => {
  const scenes = join(root, 'mixed');
  writeScenes(scenes, ['good1', 'good2', 'good3', 'cut', 'dark']);
  truncateSync(join(scenes, 'cut.hdr'), 3000);
  writeFileSync(join(scenes, 'text.hdr'), 'These are notes, not light.');
  const dark = readFileSync(join(scenes, 'dark.hdr'));
  writeFileSync(join(scenes, 'dark.hdr'), dark.fill(0, dark.indexOf('+X') + 6));
  const out = join(root, 'mixed-run');
  const { code, stderr } = await cli.run([
    ...tiny(out, 'mixed'),
    '--steps',
    '9',
    '--workers',
    '2',
    '--validation-pairs',
    '1',
  ]);
  expect(code, stderr).toBe(0);
  expect(steps(out).map(({ step }) => step)).toEqual(upTo(9));
  const leftOut = stderr.split('\n').filter((line) => line.includes(': left out.'));
  expect(leftOut.map((line) => line.split(':')[0]).sort()).toEqual(['cut', 'dark', 'text']);
});

/** Whether a file system of a given size can be made without asking anyone. */
const canMount =
  process.platform === 'linux' &&
  spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', '-o', 'size=64k', 'none', tmpdir()]).status === 0;
if (!canMount)
  console.error('SKIPPED: no small file system can be mounted here. The test of a full disk did not run.');

describe.runIf(canMount)('on a disk that is full for a while', () => {
  const STEPS = 200;
  let inside: ChildProcess;

  test('training continues with a message, loses neither a checkpoint nor a line, and waits with its last weights', async () => {
    const disk = join(root, 'disk');
    mkdirSync(disk);
    const command = [process.execPath, cli.path, ...tiny(join(disk, 'run')), '--steps', String(STEPS)];
    inside = spawn(
      'unshare',
      [
        '-rm',
        'sh',
        '-c',
        'mount -t tmpfs -o size=16m none "$0" && "$@" && echo done && read -r _',
        disk,
      ].concat(command, ['--checkpoint-every', '10']),
      { stdio: 'pipe' },
    );
    let output = '';
    for (const stream of [inside.stdout!, inside.stderr!]) {
      stream.on('data', (chunk) => {
        output += chunk;
      });
    }
    const until = async (found: () => boolean) => {
      while (!found()) {
        if (inside.exitCode !== null) throw new Error(`The run ended early:\n${output}`);
        await sleep(5);
      }
    };
    // The mount is seen by the processes inside alone; this is the way in.
    const seen = `/proc/${inside.pid}/root${disk}`;
    const run = join(seen, 'run');
    const checkpoints = () =>
      readdirSync(join(run, 'checkpoints')).filter((name) => name.endsWith('.safetensors'));
    await until(() => existsSync(join(run, 'log.jsonl')) && steps(run).length >= 25);

    const filler = join(seen, 'filler');
    const fill = () => {
      expect(() => {
        for (;;) appendFileSync(filler, Buffer.alloc(1e6));
      }).toThrow(/ENOSPC/);
    };
    const complained = (what: string) =>
      until(() => {
        // Repeatedly: a checkpoint deleted at that moment would make room for the next.
        fill();
        return new RegExp(`The disk is full \\(ENOSPC\\)\\. The ${what} could not`).test(output);
      });
    await complained('checkpoint of step \\d+');
    await complained('log');
    expect(checkpoints().length).toBeGreaterThan(1);
    for (const name of checkpoints()) decodeCheckpoint(readFileSync(join(run, 'checkpoints', name)), name);

    await until(() => {
      fill();
      return /the weights of the finished run \(.* MB\) are waiting for space/.test(output);
    });
    expect(existsSync(join(run, 'weights.safetensors'))).toBe(false);
    rmSync(filler);

    await until(() => output.includes('done'));
    expect(steps(run).map(({ step }) => step)).toEqual(upTo(STEPS));
    decodeWeights(readFileSync(join(run, 'weights.safetensors')), 'the weights that waited');
    inside.stdin!.end('\n');
    await once(inside, 'close');
  });

  afterAll(() => inside?.kill('SIGKILL'));
});
