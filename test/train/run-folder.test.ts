import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
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
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeFileAtomically } from '../../src/atomic-file-node';
import { InputError, WeightsError } from '../../src/errors';
import { networkConfig } from '../../src/model/config';
import { trainable } from '../../src/model/trainable';
import { encodeWeights } from '../../src/model/weights';
import { processIdentity } from '../../src/process-identity-node';
import { encodeCheckpoint } from '../../src/train/checkpoint';
import { type LogLine, parseLog } from '../../src/train/log';
import { RunFolder } from '../../src/train/node/run-folder';
import { config } from './samples';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'glocal-run-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const time = '2026-01-01T00:00:00.000Z';
const line = (step: number): LogLine => ({
  step,
  loss: 1 / step,
  lr: 0.002,
  imagesPerSecond: 5,
  waiting: 0,
  time,
});

function checkpoint(step: number): Uint8Array {
  const state = new Map([['w', { shape: [1, 1, 1, 1], data: Float32Array.of(step) }]]);
  return encodeCheckpoint(state, { step, config });
}

async function begun(steps: number): Promise<RunFolder> {
  const folder = new RunFolder(join(root, 'run'));
  folder.begin({ config });
  for (let step = 1; step <= steps; step++) {
    await folder.log(line(step));
    if (step % 2 === 0) await folder.checkpoint(step, checkpoint(step));
  }
  folder.close();
  return folder;
}

describe('run folder', () => {
  test('keeps the last three checkpoints, and no partial file', async () => {
    await begun(11);
    expect(readdirSync(join(root, 'run', 'checkpoints')).sort()).toEqual([
      'step-0000006.safetensors',
      'step-0000008.safetensors',
      'step-0000010.safetensors',
    ]);
  });

  test('resumes from the newest checkpoint and cuts the log back to it', async () => {
    const folder = await begun(5);
    const resumed = folder.latest(config);
    folder.reopen(4);
    expect(resumed?.meta.step).toBe(4);
    expect([...resumed!.state.get('w')!.data]).toEqual([4]);
    await folder.log(line(5));
    folder.close();
    const log = parseLog(readFileSync(join(root, 'run', 'log.jsonl'), 'utf8'));
    expect(log.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5]);
  });

  test('a run is done only when its weights are there and can be used', async () => {
    const folder = await begun(2);
    const path = join(root, 'run', 'weights.safetensors');
    const { network } = config;
    const state = trainable(network).initialWeights(1);
    expect(() => folder.requireFinal(config)).toThrow(/weights\.safetensors is not there.*--resume/);
    writeFileSync(path, 'ATTACKER');
    expect(() => folder.requireFinal(config)).toThrow(WeightsError);
    const other = networkConfig({ width: 4, globalWidth: 8 });
    writeFileSync(path, encodeWeights(trainable(other).initialWeights(1), other));
    expect(() => folder.requireFinal(config)).toThrow(/of another network/);
    const broken = new Map(state);
    const [name, tensor] = [...state][0]!;
    broken.set(name, { ...tensor, data: tensor.data.map(() => Number.NaN) });
    writeFileSync(path, encodeWeights(broken, network));
    expect(() => folder.requireFinal(config)).toThrow(/is not finite/);
    writeFileSync(path, encodeWeights(state, network));
    expect(() => folder.requireFinal(config)).not.toThrow();
  });

  test('before its first checkpoint a run continues from the start', async () => {
    const folder = await begun(1);
    expect(folder.latest(config)).toBeUndefined();
    folder.reopen(0);
    folder.close();
    expect(readFileSync(join(root, 'run', 'log.jsonl'), 'utf8')).toBe('');
  });

  test('a damaged checkpoint is named and the previous one used; with none left the run is refused', async () => {
    await begun(4);
    const said: string[] = [];
    const folder = new RunFolder(join(root, 'run'), (message) => said.push(message));
    truncateSync(join(root, 'run', 'checkpoints', 'step-0000004.safetensors'), 60);
    expect(folder.latest(config)?.meta.step).toBe(2);
    expect(said).toHaveLength(1);
    expect(said[0]).toContain('step-0000004.safetensors');
    truncateSync(join(root, 'run', 'checkpoints', 'step-0000002.safetensors'), 60);
    expect(() => folder.latest(config)).toThrow(WeightsError);
  });

  test('refuses a folder that holds a run, and a checkpoint of another configuration', async () => {
    const folder = await begun(2);
    expect(() => folder.begin({ config })).toThrow(InputError);
    expect(() => folder.begin({ config })).toThrow(/--resume/);
    expect(() => folder.latest({ ...config, batch: 32 })).toThrow(/batch: 16 there, 32 here/);
    expect(folder.record()?.config).toEqual(config);
  });
});

describe('the lock of a folder', () => {
  const lock = () => join(root, 'run', 'process.pid');
  const owner = () => Number.parseInt(readFileSync(lock(), 'utf8'), 10);

  test('refuses a folder that another process trains into, by its number', async () => {
    const folder = await begun(2);
    expect(existsSync(lock())).toBe(false);
    const { ppid } = process;
    // Files of older versions have the number alone.
    for (const content of [`${ppid}\n`, `${ppid}\n${processIdentity(ppid)}\n`]) {
      writeFileSync(lock(), content);
      expect(() => folder.requireUnused()).toThrow(`Process ${ppid} is training into this folder`);
      expect(() => folder.reopen(2)).toThrow(InputError);
      expect(readFileSync(lock(), 'utf8')).toBe(content);
    }
  });

  test('ignores a process that has ended, and another one that has since received its number', async () => {
    const folder = await begun(2);
    const { pid: ended } = spawnSync(process.execPath, ['--version']);
    const { ppid } = process;
    for (const content of [
      `${ended}\n`,
      `${ppid}\n00000000-0000-0000-0000-000000000000 1\n`,
      'nonsense',
      '',
    ]) {
      writeFileSync(lock(), content);
      folder.reopen(2);
      expect(owner()).toBe(process.pid);
      folder.close();
      expect(existsSync(lock())).toBe(false);
    }
  });

  test.runIf(process.platform === 'linux')('ignores a zombie', async () => {
    const folder = await begun(2);
    // The shell is replaced by a program that never reaps its child.
    const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      const [said] = await once(parent.stdout, 'data');
      const zombie = Number.parseInt(String(said), 10);
      const state = () => /^State:\s+(\S)/m.exec(readFileSync(`/proc/${zombie}/status`, 'utf8'))?.[1];
      await expect.poll(state).toBe('Z');
      expect(process.kill(zombie, 0)).toBe(true);
      writeFileSync(lock(), `${zombie}\n`);
      folder.reopen(2);
      expect(owner()).toBe(process.pid);
      folder.close();
    } finally {
      parent.kill('SIGKILL');
    }
  });
});

test('leftovers of a killed process are removed when the run continues', async () => {
  const folder = await begun(2);
  writeFileSync(join(root, 'run', 'checkpoints', 'step-0000004.safetensors.partial'), 'half');
  folder.reopen(2);
  folder.close();
  expect(readdirSync(join(root, 'run', 'checkpoints'))).toEqual(['step-0000002.safetensors']);
});

test('an unwritable destination is refused with a message', () => {
  writeFileSync(join(root, 'file'), '');
  expect(() => new RunFolder(join(root, 'file', 'run')).begin({ config })).toThrow(
    /file.run cannot be written/,
  );
});

test('a failed write leaves the old file and nothing else', () => {
  const path = join(root, 'taken');
  mkdirSync(path);
  writeFileSync(join(path, 'inside'), 'old');
  expect(() => writeFileAtomically(path, 'new')).toThrow();
  expect(readdirSync(root)).toEqual(['taken']);
  expect(readFileSync(join(path, 'inside'), 'utf8')).toBe('old');
});
