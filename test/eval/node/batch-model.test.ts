import { afterEach, expect, test, vi } from 'vitest';
import { MemoryError, WeightsError } from '../../../src/errors';
import { BatchModel } from '../../../src/eval/node/batch-model';
import { Program } from '../../../src/graph';
import { drhtConfig } from '../../../src/model/drht/config';
import { initialDrhtWeights } from '../../../src/model/drht/initialise';
import { openTestGpu } from '../../support/gpu';
import { testPicture } from '../procedural';

const config = drhtConfig({ width: 1 });
const state = initialDrhtWeights(config, 1);
const open = async (weights = state) =>
  new BatchModel(await openTestGpu(), 'drht.safetensors', { config, state: weights, info: {} });
afterEach(() => vi.restoreAllMocks());

const [a, b, c] = [testPicture(40, 30, 1), testPicture(90, 50, 2), testPicture(41, 31, 3)] as const;

test('pictures keep their order and sizes; those with equal padding share a batch', async () => {
  const model = await open();
  const all = await model.run([a, b, c]);
  expect(all.map(({ width, height }) => [width, height])).toEqual([
    [40, 30],
    [90, 50],
    [41, 31],
  ]);
  const [alone] = await model.run([a]);
  const [first, third] = await model.run([a, c]);
  expect([all[0], all[2]]).toEqual([first, third]);
  expect(all[0]).not.toEqual(alone);
  expect(all[1]).toEqual((await model.run([b]))[0]);
});

test('a batch without memory is halved, a picture without memory is an error', async () => {
  const model = await open();
  const halves = [...(await model.run([a, a])), ...(await model.run([c]))];
  const compile = Program.compile.bind(Program);
  const spy = vi.spyOn(Program, 'compile').mockImplementation((gpu, graph, options) => {
    const [batch] = graph.tensor('input').shape;
    return batch > 2 ? Promise.reject(new MemoryError('too large')) : compile(gpu, graph, options);
  });
  expect(await model.run([a, a, c])).toEqual(halves);
  spy.mockRejectedValue(new MemoryError('too large'));
  await expect(model.run([a])).rejects.toThrow(MemoryError);
});

test('weights that produce NaN are reported', async () => {
  const broken = new Map(state);
  const shift = state.get('ldr.output.bn.bias')!;
  broken.set('ldr.output.bn.bias', { ...shift, data: shift.data.map(() => Number.NaN) });
  const model = await open(broken);
  await expect(model.run([a])).rejects.toThrow(WeightsError);
  await expect(model.run([a])).rejects.toThrow(/drht\.safetensors computes values that are not numbers/);
});
