import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeWeights } from '../../src/model/weights';
import { parseLog, type StepLine } from '../../src/train/log';
import { type BuiltCli, buildCli } from '../support/cli';
import { writeScenes } from './scenes';

let cli: BuiltCli;
let root: string;
beforeAll(async () => {
  cli = await buildCli();
  root = mkdtempSync(join(tmpdir(), 'glocal-train-'));
  writeScenes(join(root, 'scenes'), ['a', 'b', 'c', 'd', 'e', 'f']);
});
afterAll(async () => {
  await cli?.remove();
  rmSync(root, { recursive: true, force: true });
});

/** So many that an interrupted run cannot end before the signal, even on a loaded machine. */
const STEPS = 30;
const run = (out: string) => ['train', '--runtime', 'node', '--workers', '1', '--out', join(root, out)];
const tiny = (out: string) => [
  // The network with the least to compile: each of these runs does so anew.
  ...[
    ...run(out),
    '--data',
    join(root, 'scenes'),
    '--network',
    'bilateral-grid',
    '--width',
    '1',
    '--grid',
    '16',
  ],
  ...['--patch', '32', '--batch', '2', '--steps', String(STEPS), '--warmup', '3', '--seed', '7'],
  ...['--validation-pairs', '1', '--validate-every', '10', '--checkpoint-every', '2'],
  ...['--loss', 'mse', '--statistics', '3'],
];
/** Two programs less to compile; the losses stay. */
const UNMEASURED = ['--statistics', '0', '--validation-pairs', '0'];

const log = (out: string) => parseLog(readFileSync(join(root, out, 'log.jsonl'), 'utf8'));
const steps = (out: string) => log(out).filter((line): line is StepLine => 'loss' in line);
const losses = (out: string) => steps(out).map(({ step, loss }) => [step, loss]);

/** Number of the process that trains. */
const trainer = (out: string) => Number.parseInt(readFileSync(join(root, out, 'process.pid'), 'utf8'), 10);

/** How often a process has started training in the folder: each writes a log line, and these are never dropped. */
function begun(out: string): number {
  if (!existsSync(join(root, out, 'log.jsonl'))) return 0;
  return log(out).filter((line) => 'event' in line && /^(start|resume)$/.test(line.event)).length;
}

/** Waits until a process started after `before` others has done the step. */
async function reaches(
  { child, said }: { readonly child: ChildProcess; said(): string },
  out: string,
  step: number,
  before = 0,
): Promise<void> {
  while (begun(out) <= before || (steps(out).at(-1)?.step ?? 0) < step) {
    if (child.exitCode !== null) {
      throw new Error(`The run ended (${child.exitCode}) before step ${step} was seen: ${said()}`);
    }
    await sleep(5);
  }
}

/**
 * Starts the command and sends the signal once it has done the step: SIGKILL to the training process, others to the
 * command. Resolves with how the command ended.
 */
async function breakOff(args: readonly string[], out: string, step: number, signal: NodeJS.Signals) {
  const before = begun(out);
  const child = spawn(process.execPath, [cli.path, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = once(child, 'close');
  await reaches({ child, said: () => stderr }, out, step, before);
  if (signal === 'SIGKILL') process.kill(trainer(out), signal);
  else child.kill(signal);
  const [code] = await ended;
  return { code: code as number | null, stderr };
}

describe('glocal train', () => {
  test('stopped by Ctrl-C, then killed twice, it logs the losses of an unbroken run', {
    timeout: 300_000,
  }, async () => {
    const whole = await cli.run(tiny('whole'));
    expect(whole, whole.stderr).toMatchObject({ code: 0 });
    expect(losses('whole').map(([step]) => step)).toEqual(Array.from({ length: STEPS }, (_, i) => i + 1));

    const stopped = await breakOff(tiny('broken'), 'broken', 2, 'SIGINT');
    expect(stopped).toMatchObject({ code: 130 });
    expect(stopped.stderr).toMatch(/Continue with: glocal train --out .*broken --resume/);
    expect(losses('broken').length).toBeLessThan(STEPS);

    const resume = [...run('broken'), '--resume', '--validate-every', '10', '--checkpoint-every', '2'];
    const ended = await breakOff([...resume, '--restarts', '0'], 'broken', 8, 'SIGKILL');
    expect(ended).toMatchObject({ code: 1 });
    expect(ended.stderr).toMatch(/ended by SIGKILL\. Continue with: glocal train --out .*broken --resume/);
    expect(losses('broken').length).toBeLessThan(STEPS);
    expect(existsSync(join(root, 'broken', 'weights.safetensors'))).toBe(false);

    const restarted = await breakOff(resume, 'broken', 14, 'SIGKILL');
    expect(restarted, restarted.stderr).toMatchObject({ code: 0 });
    expect(restarted.stderr).toMatch(/ended by SIGKILL\. Continuing after step \d+ \(restart 1 of 5\)\.\n/);
    expect(losses('broken')).toEqual(losses('whole'));
    const bytes = (out: string) => readFileSync(join(root, out, 'weights.safetensors'));
    expect(bytes('broken').equals(bytes('whole'))).toBe(true);
    expect(log('broken').flatMap((line) => ('event' in line ? [line.event] : []))).toEqual(
      // Whether the line about the interruption survives depends on the moment of the kill.
      expect.arrayContaining(['start', 'resume', 'end']),
    );
    expect(existsSync(join(root, 'broken', 'process.pid'))).toBe(false);
  });

  test('when killed itself, it leaves the training running', async () => {
    const child = spawn(process.execPath, [cli.path, ...tiny('orphan'), ...UNMEASURED], {
      stdio: 'ignore',
    });
    await reaches({ child, said: () => '' }, 'orphan', 1);
    child.kill('SIGKILL');
    await expect
      .poll(() => existsSync(join(root, 'orphan', 'process.pid')), { timeout: 240_000 })
      .toBe(false);
    expect(losses('orphan')).toEqual(losses('whole'));
  });

  test('continues to its end when the reader of its messages goes away', async () => {
    const child = spawn(process.execPath, [cli.path, ...tiny('unread'), ...UNMEASURED], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    await once(child.stderr, 'data');
    child.stderr.destroy();
    const [code] = await once(child, 'close');
    expect(code).toBe(0);
    expect(losses('unread')).toEqual(losses('whole'));
    expect(existsSync(join(root, 'unread', 'weights.safetensors'))).toBe(true);
  });

  test('trains on finished photos too, and names the one that is not a photo', async () => {
    const photos = join(root, 'photos');
    mkdirSync(photos);
    const grey = sharp({ create: { width: 64, height: 48, channels: 3, background: '#876' } });
    await grey.png().toFile(join(photos, 'grey.png'));
    writeFileSync(join(photos, 'none.jpg'), 'no photo');
    const { code, stderr } = await cli.run([
      ...tiny('photos'),
      ...[...UNMEASURED, '--steps', '4', '--photos', photos, '--photo-share', '0.5'],
    ]);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/scenes of .* and 2 photos of /);
    expect(stderr.match(/none\.jpg: left out\. .* not an image/g)).toHaveLength(1);
    expect(losses('photos')).toHaveLength(4);
    expect(losses('photos')).not.toEqual(losses('whole').slice(0, 4));
  });

  test('the finished run left weights, the last three checkpoints and its configuration', () => {
    const { config, info } = decodeWeights(
      readFileSync(join(root, 'whole', 'weights.safetensors')),
      'weights',
    );
    expect(config).toMatchObject({ kind: 'bilateral-grid', width: 1, gridSize: 16 });
    expect(Number(info.psnr)).toBeGreaterThan(0);
    expect(readdirSync(join(root, 'whole', 'checkpoints'))).toHaveLength(3);
    const record = JSON.parse(readFileSync(join(root, 'whole', 'config.json'), 'utf8'));
    const { train, validation } = record.config.scenes;
    expect([...train, ...validation].sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    expect(validation.length).toBeGreaterThan(0);
    expect(
      log('whole')
        .filter((line) => 'psnr' in line)
        .map(({ step }) => step),
      // Validated once more with the new statistics.
    ).toEqual([10, 20, STEPS, STEPS]);
  });

  test('the report shows curves, previews, events and configuration, and needs nothing else', () => {
    expect(readdirSync(join(root, 'whole', 'previews')).sort()).toEqual([
      'input.webp',
      ...[10, 20, STEPS].map((step) => `step-${String(step).padStart(7, '0')}.webp`),
      'target.webp',
    ]);
    const page = readFileSync(join(root, 'whole', 'report.html'), 'utf8');
    expect(page.match(/<svg/g)).toHaveLength(4);
    expect(page.match(/<img src="data:image\/webp/g)).toHaveLength(5);
    expect(page).toContain(`<figcaption>step ${STEPS}</figcaption>`);
    expect(page).toContain('&quot;seed&quot;: 7');
    expect(page).not.toMatch(/(src|href)="(?!data:)/);
  });

  test('the finished run is extended: its losses stay, the new steps follow', async () => {
    const before = losses('whole');
    const longer = await cli.run([
      ...run('whole'),
      '--resume',
      '--steps',
      String(STEPS + 2),
      '--warmup',
      '1',
    ]);
    expect(longer, longer.stderr).toMatchObject({ code: 0 });
    expect(longer.stderr).toContain(`Continuing after step ${STEPS}.`);
    expect(losses('whole').slice(0, STEPS)).toEqual(before);
    expect(
      steps('whole')
        .map(({ lr }) => lr)
        .slice(-2),
    ).toEqual([0.002, 0.002]);
    const table = readFileSync(join(root, 'whole', 'log.csv'), 'utf8').split('\r\n');
    expect(table.filter((line) => /^\d+,[\d.e-]+,/.test(line))).toHaveLength(STEPS + 2);
  });

  test('refuses to overwrite a run, to change one, and to resume a missing one', async () => {
    const before = readFileSync(join(root, 'whole', 'log.jsonl'));
    const overwrite = await cli.run(tiny('whole'));
    expect(overwrite.code).toBe(1);
    expect(overwrite.stderr).toMatch(/already has a run.*--resume/);
    const change = await cli.run([...run('whole'), '--resume', '--batch', '4']);
    expect(change.code).toBe(1);
    expect(change.stderr).toContain('batch: 2 there, 4 here');
    expect(readFileSync(join(root, 'whole', 'log.jsonl')).equals(before)).toBe(true);
    const nothing = await cli.run([...run('nothing'), '--resume']);
    expect(nothing.stderr).toMatch(/has no run to resume/);
    expect(existsSync(join(root, 'nothing'))).toBe(false);
  });
});
