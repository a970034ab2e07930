import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBundle } from '../../src/gpu/node/bundled';
import { Random } from '../../src/random';
import { parseLog } from '../../src/train/log';
import { type BuiltCli, buildCli } from '../support/cli';
import { hasBrowser } from '../support/page';
import { tolerance } from '../tolerance';
import { type BrowserProcess, browserProcesses, hasPs } from './processes';
import { writeScenes } from './scenes';

/** So many that the run cannot end before it is killed, even if a loaded machine delays this test. */
const STEPS = 50;
const [BATCH, PATCH] = [2, 32];

/** Whichever is reported first: the loss of the browser, or one of its consequences. */
const RESTARTED = / Continuing after step \d+ \(restart \d of 5\)\.$/gm;

let cli: BuiltCli;
let root: string;
const at = (...parts: string[]) => join(root, ...parts);

const args = (out: string, runtime = 'chrome') => [
  ...['train', '--runtime', runtime, '--workers', '1', '--data', at('scenes'), '--out', at(out)],
  // The network with the least to compile; recovery does not depend on it.
  ...['--network', 'bilateral-grid', '--width', '1', '--grid', '16', '--loss', 'mse'],
  ...['--patch', String(PATCH), '--batch', String(BATCH), '--steps', String(STEPS)],
  ...['--warmup', '3', '--seed', '7', '--validation-pairs', '0', '--checkpoint-every', '3'],
  // Another program to compile, and nothing that a lost browser could disturb.
  ...['--statistics', '0'],
];

const log = (out: string) =>
  existsSync(at(out, 'log.jsonl')) ? parseLog(readFileSync(at(out, 'log.jsonl'), 'utf8')) : [];
const losses = (out: string) => log(out).flatMap((line) => ('loss' in line ? [[line.step, line.loss]] : []));
const weights = (out: string) => readFileSync(at(out, 'weights.safetensors'));

interface Running {
  readonly process: ChildProcess;
  /** Output so far. */
  said(): string;
  readonly ended: Promise<{ code: number | null; stderr: string }>;
}

function start(out: string): Running {
  const child = spawn(process.execPath, [cli.path, ...args(out)], { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stderr }));
  return { process: child, said: () => stderr, ended };
}

/** Waits until a condition holds while the run continues. */
async function until<T>({ process, said }: Running, found: () => T | undefined): Promise<T> {
  for (;;) {
    const value = found();
    if (value !== undefined) return value;
    if (process.exitCode !== null) {
      throw new Error(
        `The run ended (${process.exitCode}) before what was waited for: ${said().slice(-2000)}`,
      );
    }
    await sleep(25);
  }
}

/** A process of the run's browser that is not among the `old` ones. */
const newProcess = (run: Running, kind: BrowserProcess, old: readonly number[]) =>
  until(run, () => browserProcesses(run.process.pid!, kind).find((pid) => !old.includes(pid)));

/** How often a process has started training in the folder: each writes a log line, and these are never dropped. */
const begun = (out: string) =>
  log(out).filter((line) => 'event' in line && /^(start|resume)$/.test(line.event)).length;

/** Waits until a process started after `before` others has done the step. */
const reaches = (run: Running, out: string, step: number, before: number) =>
  until(run, () => (begun(out) > before && (losses(out).at(-1)?.[0] ?? 0) >= step) || undefined);

/** False if the process is gone. */
function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}

/** A browser starts six times here, and compiles every kernel in software. */
const TIMEOUT = 900_000;

describe.runIf(hasBrowser())('training in Chrome', { timeout: TIMEOUT }, () => {
  beforeAll(async () => {
    cli = await buildCli({ trainPage: true });
    root = mkdtempSync(join(tmpdir(), 'glocal-faults-'));
    writeScenes(at('scenes'), ['a', 'b', 'c']);
    const { code, stderr } = await start('whole').ended;
    expect(code, stderr).toBe(0);
    expect(losses('whole').map(([step]) => step)).toEqual(Array.from({ length: STEPS }, (_, i) => i + 1));
  }, TIMEOUT);
  afterAll(async () => {
    await cli?.remove();
    if (root) rmSync(root, { recursive: true, force: true });
  });

  test.runIf(findBundle())('stays within the tolerance of Node, step by step', async () => {
    // The driver of these tests may differ; here both runtimes must use the same.
    const node = await cli.run(['--driver', 'swiftshader', ...args('node', 'node')]);
    expect(node.code, node.stderr).toBe(0);
    const adapters = ['whole', 'node'].map((out) => {
      const [start] = log(out);
      return start && 'event' in start ? start.adapter : undefined;
    });
    if (!adapters.every((adapter) => /swiftshader/i.test(adapter ?? ''))) {
      console.error(`SKIPPED: Chrome and Node compute on different adapters here (${adapters.join(', ')}).`);
      return;
    }
    // A loss is one long sum. Where the adapter is the same, training amplifies nothing.
    const terms = BATCH * 3 * PATCH ** 2;
    const inNode = losses('node');
    expect(inNode).toHaveLength(STEPS);
    for (const [index, [step, loss]] of losses('whole').entries()) {
      const difference = Math.abs(loss! - inNode[index]![1]!);
      expect(difference, `step ${step}`).toBeLessThanOrEqual(tolerance(terms, loss!));
    }
  });

  test.runIf(hasPs())(
    'goes on with the same bits when browser, page and GPU process are killed',
    async () => {
      const random = new Random(2024);
      const run = start('killed');
      const restarts = () => run.said().match(RESTARTED)?.length ?? 0;
      const restarted = (count: number) => until(run, () => restarts() >= count || undefined);

      // The browser in the middle of the training, then the next one while it starts.
      const first = await newProcess(run, 'browser', []);
      await reaches(run, 'killed', 1 + random.integer(4), 0);
      await sleep(random.uniform(0, 30));
      kill(first);
      await restarted(1);
      const second = await newProcess(run, 'browser', [first]);
      await sleep(random.uniform(0, 1500));
      kill(second);
      await restarted(2);

      const begunByNow = begun('killed');
      await reaches(run, 'killed', 7, begunByNow);
      const old = browserProcesses(run.process.pid!, 'gpu-process');
      for (const pid of browserProcesses(run.process.pid!, 'renderer')) kill(pid);
      await restarted(3);
      await reaches(run, 'killed', 10, begunByNow + 1);
      // Not sooner: a browser that only looks for a GPU has such a process too.
      kill(await newProcess(run, 'gpu-process', old));

      const { code, stderr } = await run.ended;
      expect(code, stderr).toBe(0);
      expect(stderr.match(RESTARTED), stderr).toHaveLength(4);
      expect(stderr).toMatch(/^The browser's page crashed .* Continuing after step \d+/m);
      expect(stderr).toMatch(/^The device was lost.* Continuing after step \d+/m);
      expect(losses('killed')).toEqual(losses('whole'));
      expect(weights('killed').equals(weights('whole'))).toBe(true);
    },
  );
});
