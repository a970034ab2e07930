import { expect, test } from 'vitest';
import { initialWeights, networkConfig } from '../../src/model';
import { measureNormStatistics } from '../../src/train/norm-statistics';
import * as reference from '../reference';
import { openTestGpu } from '../support/gpu';
import { randomDense } from '../support/random';
import { expectClose } from '../tolerance';

const network = networkConfig({ width: 4, globalWidth: 4 });
const STEP = { batch: 2, patch: 32 };

async function* inputs(): AsyncGenerator<Float32Array> {
  for (const seed of [1, 2, 3]) yield Float32Array.from(randomDense([2, 3, 32, 32], seed, 0, seed / 3).data);
}

test('the first norm has mean and variance of all batches together, by the oracle', async () => {
  const weights = initialWeights(network, 1);
  const measured = await measureNormStatistics(await openTestGpu(), network, weights, STEP, inputs());

  const { shape, data } = weights.get('local.0.conv1.weight')!;
  const kernel = reference.dense([shape[0]!, shape[1]!, shape[2]!, shape[3]!], data);
  const values: number[][] = [[], [], [], []];
  const variances = [0, 0, 0, 0];
  const means: number[][] = [];
  for await (const input of inputs()) {
    const y = reference.conv2d(reference.dense([2, 3, 32, 32], input), kernel, undefined, {
      stride: 1,
      padding: 1,
    });
    const batch = [0, 1, 2, 3].map((c) => [...reference.channels(y, c, c + 1).data]);
    for (const [c, channel] of batch.entries()) values[c]!.push(...channel);
    means.push(batch.map(mean));
    batch.forEach((channel, c) => {
      variances[c]! += (variance(channel) * channel.length) / (channel.length - 1) / 3;
    });
  }
  const between = [0, 1, 2, 3].map((c) => variance(means.map((batch) => batch[c]!)));
  expectClose(measured.get('local.0.bn1.running_mean')!.data, values.map(mean), {
    name: 'mean',
    reduction: 6144,
  });
  expectClose(
    measured.get('local.0.bn1.running_var')!.data,
    variances.map((value, c) => value + between[c]!),
    { name: 'variance', reduction: 6144 },
  );
});

test('the same batches give the same bits, and every norm has its statistics', async () => {
  const weights = initialWeights(network, 1);
  const measure = async () => measureNormStatistics(await openTestGpu(), network, weights, STEP, inputs());
  const [first, second] = [await measure(), await measure()];
  const names = [...weights.keys()].filter((name) => name.includes('running_'));
  expect([...first.keys()].sort()).toEqual(names.sort());
  for (const [name, { data }] of first) expect(second.get(name)!.data).toEqual(data);
});

const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
const variance = (values: readonly number[]): number => {
  const centre = mean(values);
  return mean(values.map((v) => (v - centre) ** 2));
};
