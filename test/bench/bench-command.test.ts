import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BenchResult } from '../../src/bench/results';
import { type BuiltCli, buildCli } from '../support/cli';
import { hasBrowser } from '../support/page';

let cli: BuiltCli;
let folder: string;
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'glocal-bench-test-'));
  cli = await buildCli();
});
afterAll(async () => {
  await cli?.remove();
  await rm(folder, { recursive: true });
});

/** Runs `glocal bench` with hardly any work and returns its JSON. */
async function bench(...args: string[]): Promise<BenchResult> {
  const { code, stdout, stderr } = await cli.run(['bench', ...args, '--quick', '--json']);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as BenchResult;
}

/** One small convolution, its three passes. */
const SMALL = ['--filter', 'conv 3x3 4->4 at 16x16,', '--width', '4', '--size', '16'];

/** Without a cold start the driver may use shaders compiled by other tests. */
const TRAINING = ['--width', '4', '--size', '32', '--batch', '2', '--no-cold'];

function expectWellFormed({ environment, peak, rows }: BenchResult) {
  expect(environment.adapter).not.toBe('');
  expect(environment.processor).not.toBe('');
  for (const { wall } of [peak.multiplyAdd.timing, peak.copy.timing, ...rows.map(({ ours }) => ours)]) {
    expect(wall.median).toBeGreaterThan(0);
    expect(wall.low).toBeLessThanOrEqual(wall.median);
    expect(wall.high).toBeGreaterThanOrEqual(wall.median);
  }
  for (const { work, date } of rows) {
    expect(work!.flops).toBeGreaterThan(0);
    expect(Date.parse(date)).toBeGreaterThan(0);
  }
}

describe('glocal bench in Node', () => {
  it('measures the selected kernels, stores the result and writes a report', async () => {
    const report = at('report.html');
    const result = await bench('kernels', ...SMALL, '--out', `${folder}/`, '--report', report);
    expectWellFormed(result);
    expect(result.environment.runtime).toBe(`Node ${process.version}`);
    expect(result.rows.map(({ name }) => name)).toEqual([
      'conv 3x3 4->4 at 16x16, forward',
      'conv 3x3 4->4 at 16x16, input gradient',
      'conv 3x3 4->4 at 16x16, weight gradient',
    ]);
    expect(result.rows[0]!.work).toEqual({ flops: 2 * 256 * 4 * 4 * 9, bytes: 4 * (2 * 4 * 256 + 144) });
    const kept = (await readdir(folder)).find((name) => /^kernels-node-.+\.json$/.test(name));
    expect(JSON.parse(await readFile(at(kept!), 'utf8'))).toEqual(result);
    const page = await readFile(report, 'utf8');
    expect(page).toContain('Peak: not measured (--quick)');
    expect(page).not.toContain('aria-label="Roofline"');
    expect(page).toContain('<span>conv 3x3 4-&gt;4 at 16x16, forward</span><meter ');
    expect(page).not.toMatch(/NaN|undefined|https?:\/\//);
  });

  it('measures the network and the training step, and their memory', async () => {
    const network = await bench('network', '--width', '4', '--size', '32');
    expectWellFormed(network);
    expect(network.rows[0]!.name).toBe('forward, width 4 at 32x32');
    expect(network.rows[0]!.details!['first enhancement of 64x64 from cold (s)']).toBeGreaterThan(0);
    const training = await bench('training', ...TRAINING);
    expectWellFormed(training);
    const details = training.rows[0]!.details!;
    expect(details['memory planned (bytes)']).toBeLessThan(details['memory naive (bytes)']!);
    expect(details['host between submits (share)']).toBeGreaterThan(0);
    expect(details['host between submits (share)']).toBeLessThan(1);
  });

  it('shows where a training step spends its time', async () => {
    const { code, stdout } = await cli.run([...['bench', 'training', '--profile', '--quick', ...TRAINING]]);
    expect(code).toBe(0);
    for (const part of ['kernel ', 'layer ', 'call ', 'adam (update)', '(backward)']) {
      expect(stdout).toContain(part);
    }
    // Which layers are the slowest is a matter of timing.
    expect(stdout).toMatch(/^(local|global|decoder)\.\d+\.\w+ /m);
  });
});

describe('glocal bench compare', () => {
  it('ends with 1 if a kernel takes twice as long as recorded', async () => {
    const result = await bench('kernels', ...SMALL);
    const [first, ...others] = result.rows;
    const double = (spread: { median: number; low: number; high: number }) => ({
      median: 2 * spread.median,
      low: 2 * spread.low,
      high: 2 * spread.high,
    });
    const { wall, cpu, rounds } = first!.ours;
    const ours = { wall: double(wall), cpu: cpu && double(cpu), rounds };
    await writeFile(at('before.json'), JSON.stringify(result));
    await writeFile(at('slower.json'), JSON.stringify({ ...result, rows: [{ ...first!, ours }, ...others] }));
    const same = await cli.run(['bench', 'compare', at('before.json'), at('before.json')]);
    expect(same.code).toBe(0);
    const { code, stdout } = await cli.run(['bench', 'compare', at('before.json'), at('slower.json')]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/at 16x16, forward .* 2\.00 +slower/);
    expect(stdout.match(/slower$/gm)).toHaveLength(1);
    // As a page gives them: several in one file.
    const other = { ...result, bench: 'network' };
    await writeFile(at('list.json'), JSON.stringify([other, result]));
    const listed = await cli.run(['bench', 'compare', at('list.json'), at('slower.json')]);
    expect([listed.stderr, listed.stdout]).toEqual(['', stdout]);
    const both = await cli.run(['bench', 'compare', at('list.json'), at('list.json'), '--json']);
    expect(JSON.parse(both.stdout)).toHaveLength(2);
  });

  it('says what it cannot compare', async () => {
    await writeFile(at('not.json'), 'no');
    const runs = [
      [at('missing.json'), /missing\.json cannot be read/],
      [at('not.json'), /not\.json is not JSON/],
    ] as const;
    for (const [file, message] of runs) {
      const { code, stderr } = await cli.run(['bench', 'compare', file]);
      expect(code).toBe(1);
      expect(stderr).toMatch(message);
    }
  });
});

describe('what cannot be measured', () => {
  it.each([
    [['network', '--size', '100'], 1, /--size is 100.*multiple of 16/],
    [['training', '--batch', '1'], 1, /--batch is 1.*give 2 or more/],
    [
      ['kernels', '--filter', 'no such kernel'],
      1,
      /No operator has the words of --filter \(no such kernel\)/,
    ],
    [['kernels', '--against', 'ort'], 1, /in browsers only/],
    [['kernels', '--against', 'caffe'], 2, /Unknown opponent "caffe"/],
    [['kernels', '--without', 'fourier'], 2, /Unknown family "fourier"/],
    [['kernels', '--rounds', '0'], 2, /1 or more/],
  ])('%j', async (args, expected, message) => {
    const { code, stdout, stderr } = await cli.run(['bench', ...args]);
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
    expect(stderr).toMatch(message);
  });
});

describe.skipIf(!hasBrowser())('glocal bench in Chrome', () => {
  it('measures the same rows in a page', async () => {
    const result = await bench('kernels', ...SMALL, '--runtime', 'chrome');
    expectWellFormed(result);
    expect(result.environment.runtime).toMatch(/Chrome/);
    expect(result.rows).toHaveLength(3);
  });
});

const opponents = fileURLToPath(new URL('../../bench/opponents/node_modules', import.meta.url));
const installed = existsSync(opponents);
if (!installed) console.error('SKIPPED: opponents are not installed (npm ci --prefix bench/opponents).');

describe.skipIf(!installed)('outputs of opponents', () => {
  const forward = ['--filter', 'conv 3x3 4->4 at 16x16, forward', '--width', '4', '--size', '16'];

  it('agree with ours in Node', async () => {
    const { rows } = await bench('kernels', ...SMALL, '--against', 'tfjs,jax-js');
    for (const { comparisons } of rows) {
      expect(comparisons).toHaveLength(2);
      for (const comparison of comparisons) expect(comparison).toHaveProperty('ratio');
    }
  });

  it.skipIf(!hasBrowser())('agree with ours in Chrome', async () => {
    const { rows } = await bench(
      'kernels',
      ...forward,
      '--runtime',
      'chrome',
      '--against',
      'tfjs,jax-js,ort',
    );
    expect(rows[0]!.comparisons.map((comparison) => 'ratio' in comparison)).toEqual([true, true, true]);
  });
});

it.skipIf(installed)('says how to install missing opponents', async () => {
  const { code, stderr } = await cli.run(['bench', 'kernels', '--against', 'tfjs']);
  expect(code).toBe(1);
  expect(stderr).toContain('npm ci --prefix bench/opponents');
});
