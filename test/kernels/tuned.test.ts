import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { conv2d, Graph, Program } from '../../src/graph';
import { openTunedGpu, readTuning, type TuningUse, writeTuning } from '../../src/kernels/node/tuned';
import { policyFor } from '../../src/kernels/policy';
import { policyOf, withPolicy } from '../../src/kernels/tuned-gpu';
import { openTestGpu } from '../support/gpu';

const gpu = await openTestGpu();
const direct = { ...policyFor(gpu.traits), gather: ['direct'] } as const;
const date = '2026-01-02T03:04:05.000Z';

describe('a custom policy', () => {
  test('decides which kernels a program gets', async () => {
    const graph = new Graph();
    const x = graph.input('x', [1, 8, 16, 16]);
    const y = conv2d(x, graph.variable('w', [8, 8, 3, 3], 'weight'), { stride: 1, padding: 1 });
    const program = await Program.compile(withPolicy(gpu, direct), graph, { fetch: [y] });
    expect(program.calls.map(({ kernel }) => kernel)).toEqual(['conv2d_direct']);
    program.destroy();
  });

  test('defaults to the built-in one', () => {
    expect(policyOf(gpu)).toEqual(policyFor(gpu.traits));
  });
});

describe('the profile of an adapter', () => {
  let cache: string;
  beforeEach(async () => {
    cache = await mkdtemp(join(tmpdir(), 'glocal-test-'));
    vi.stubEnv('XDG_CACHE_HOME', cache);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(cache, { recursive: true });
  });

  test('is used by the next device that is opened', async () => {
    expect(await readTuning(gpu.traits)).toBeNull();
    const path = await writeTuning({ policy: direct, date }, gpu.traits);
    expect(await readdir(join(cache, 'glocal'))).toEqual([path.replace(/^.*[\\/]/, '')]);
    const opened = await openTunedGpu();
    expect(policyOf(opened)).toEqual(direct);
    opened.destroy();
    expect(opened.isLost).toBe(true);
  });

  test('for photos does not reach other work, and gives way to one for all work', async () => {
    const policyFrom = async (use: TuningUse) => {
      const opened = await openTunedGpu({}, use);
      opened.destroy();
      return policyOf(opened);
    };
    await writeTuning({ policy: direct, date }, gpu.traits, 'photos');
    expect(await policyFrom('photos')).toEqual(direct);
    expect(await policyFrom('all')).toEqual(policyFor(gpu.traits));
    const small = { ...direct, gatherWorkgroups: 7 };
    await writeTuning({ policy: small, date }, gpu.traits);
    expect(await policyFrom('photos')).toEqual(small);
  });

  test('is ignored with a warning if damaged', async () => {
    const path = await writeTuning({ policy: direct, date }, gpu.traits);
    await writeFile(path, '{');
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const opened = await openTunedGpu();
    expect(policyOf(opened)).toEqual(policyFor(opened.traits));
    expect(warn).toHaveBeenCalledWith(
      `The kernel tuning ${path} is damaged. Measure again: glocal bench tune`,
    );
    opened.destroy();
    warn.mockRestore();
  });
});
