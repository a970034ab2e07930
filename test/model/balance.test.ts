import { describe, expect, it } from 'vitest';
import { initialWeights, networkConfig } from '../../src/model';
import { balanceUpsampling } from '../../src/model/balance';
import { balanceKernel, dense } from '../reference';
import { expectClose } from '../tolerance';

const shape4 = (shape: readonly number[]) => shape as [number, number, number, number];

describe('balanceUpsampling', () => {
  const config = networkConfig({ width: 4, globalWidth: 4, upsampling: 'balanced' });
  const state = initialWeights(config, 1);
  const balanced = balanceUpsampling(state, config);

  it('does to the kernels what training does, and to nothing else', () => {
    for (const [name, { shape, data }] of state) {
      const got = balanced.get(name)!;
      expect(got.shape).toEqual(shape);
      if (!name.endsWith('up.weight')) {
        expect(got.data).toBe(data);
        continue;
      }
      const want = balanceKernel(dense(shape4(shape), Float64Array.from(data)));
      expectClose(got.data, want.data, { name, reduction: 1 });
      expect(got.data).not.toEqual(data);
    }
  });

  it('makes the four phases of a kernel add up to the same', () => {
    const { data } = balanced.get('decoder.0.up.weight')!;
    for (let at = 0; at < data.length; at += 16) {
      const sums = [0, 1, 4, 5].map(
        (phase) => data[at + phase]! + data[at + phase + 2]! + data[at + phase + 8]! + data[at + phase + 10]!,
      );
      for (const sum of sums) expect(sum).toBeCloseTo(sums[0]!, 6);
    }
  });

  it('leaves free networks alone', () => {
    const free = networkConfig({ width: 4, globalWidth: 4 });
    expect(balanceUpsampling(state, free)).toBe(state);
  });
});
