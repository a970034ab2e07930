import { describe, expect, test } from 'vitest';
import { initialWeights, networkConfig, networkParameters } from '../../src/model';

const config = networkConfig({ width: 8, globalWidth: 16 });

function deviation(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

describe('initialWeights', () => {
  const state = initialWeights(config, 5);

  test('holds exactly the variables of the network', () => {
    const shapes = [...state].map(([name, { shape }]) => ({ name, shape }));
    expect(shapes).toEqual(networkParameters(config).map(({ name, shape }) => ({ name, shape })));
  });

  test('is a function of the seed', () => {
    const name = 'local.1.conv1.weight';
    expect(initialWeights(config, 5).get(name)).toEqual(state.get(name));
    expect(initialWeights(config, 6).get(name)).not.toEqual(state.get(name));
  });

  test('a layer that has not changed keeps its weights', () => {
    const other = initialWeights(networkConfig({ width: 8, globalWidth: 32 }), 5);
    expect(other.get('local.1.conv2.weight')).toEqual(state.get('local.1.conv2.weight'));
  });

  // Fan-in: 64 channels x 9 taps; (128 + 16) channels x 16 taps, of which each output sees a quarter.
  test.each([
    ['local.3.conv2.weight', Math.sqrt(2 / (64 * 9))],
    ['decoder.3.up.weight', Math.sqrt(2 / ((144 * 16) / 4))],
    ['global.5.conv.weight', Math.sqrt(2 / (16 * 16))],
  ])('%s is He normal', (name, expected) => {
    const { data } = state.get(name)!;
    const standardError = expected / Math.sqrt(2 * data.length);
    expect(Math.abs(deviation(data) - expected)).toBeLessThan(4 * standardError);
  });

  test('batch norms start as the identity', () => {
    const values = ['weight', 'bias', 'running_mean', 'running_var'].map(
      (name) => state.get(`decoder.3.up_bn.${name}`)!.data,
    );
    expect(values.map((data) => new Set(data))).toEqual([1, 0, 0, 1].map((value) => new Set([value])));
  });

  test('the last layer starts near a grey that its ReLU passes', () => {
    const plain = initialWeights(config, 5, { outputBias: 0, outputScale: 1 });
    expect([...state.get('output.bias')!.data]).toEqual([...new Float32Array(3).fill(0.3)]);
    expect([...plain.get('output.bias')!.data]).toEqual([0, 0, 0]);
    plain.get('output.weight')!.data.forEach((value, index) => {
      expect(state.get('output.weight')!.data[index]).toBeCloseTo(0.1 * value, 7);
    });
  });
});
