import { beforeAll, describe, expect, test } from 'vitest';
import type { Gpu } from '../../src/gpu/types';
import { type NetworkConfig, networkConfig, networkParameters } from '../../src/model';
import { balanceUpsampling } from '../../src/model/balance';
import { widening, widenWeights } from '../../src/model/widen';
import { openTestGpu } from '../support/gpu';
import { randomArray } from '../support/random';
import { expectClose } from '../tolerance';
import { infer, trainedState } from './trained-network';

let gpu: Gpu;
beforeAll(async () => {
  gpu = await openTestGpu();
});

const sizes = { width: 4, globalWidth: 5 };
const image = Float32Array.from(randomArray(3 * 48 * 32, 7, 0, 1));

describe('a wider network', () => {
  test.each<[Partial<NetworkConfig>, number]>([
    [{}, 2],
    [{}, 3],
    [{ join: 'A' }, 2],
    [{ join: 'C' }, 2],
    [{ globalEncoder: false }, 2],
  ])('computes the same: %o, times %i', async (variant, factor) => {
    const config = networkConfig({ ...sizes, ...variant });
    const wideConfig = { ...config, width: factor * config.width, globalWidth: factor * config.globalWidth };
    const state = trainedState(config);
    const wide = widenWeights(state, config, { factor, seed: 1 });
    const specs = networkParameters(wideConfig);
    expect([...wide.keys()]).toEqual(specs.map(({ name }) => name));
    for (const { name, shape } of specs) expect(wide.get(name)!.shape).toEqual(shape);
    const [narrowOutput, wideOutput] = [
      await infer(gpu, config, 'inference', state, image),
      await infer(gpu, wideConfig, 'inference', wide, image),
    ];
    expect(Math.max(...narrowOutput)).toBeGreaterThan(0.1);
    expectClose(wideOutput, narrowOutput, { name: 'output', reduction: 9 * 128 * factor, terms: 30 });
  });

  test('has copies that are read differently, and stays balanced', () => {
    const config = networkConfig({ ...sizes, upsampling: 'balanced' });
    const state = balanceUpsampling(trainedState(config), config);
    const wide = widenWeights(state, config, { factor: 2, seed: 1 });
    const { data } = wide.get('local.1.conv2.weight')!;
    // Inputs 0 and 8 of the first output are copies of each other.
    expect(data[0]).not.toBeCloseTo(data[8 * 9]!, 4);
    expect(data[0]! + data[8 * 9]!).toBeCloseTo(state.get('local.1.conv2.weight')!.data[0]!, 6);
    const wideConfig = { ...config, width: 8, globalWidth: 10 };
    for (const [name, { data: balanced }] of balanceUpsampling(wide, wideConfig)) {
      expectClose(wide.get(name)!.data, balanced, { name, reduction: 16 });
    }
  });

  test('is made only for whole factors, equal for both widths', () => {
    const config = networkConfig({ width: 8, globalWidth: 16 });
    const to = (width: number, globalWidth: number) => widening(config, { ...config, width, globalWidth });
    expect([to(16, 32), to(24, 48), to(8, 16), to(12, 24), to(16, 16)]).toEqual([
      2,
      3,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
