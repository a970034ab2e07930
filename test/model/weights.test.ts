import { describe, expect, test } from 'vitest';
import { WeightsError } from '../../src/errors';
import {
  decodeWeights,
  encodeSafetensors,
  encodeWeights,
  foldBatchNorm,
  initialWeights,
  networkConfig,
  type StateDict,
} from '../../src/model';

const config = networkConfig({ width: 2, globalWidth: 3 });
const state = initialWeights(config, 1);

const without = (name: string): StateDict => new Map([...state].filter(([key]) => key !== name));

describe('weight files', () => {
  test('keep the state, the configuration and the notes', () => {
    const weights = decodeWeights(encodeWeights(state, config, { steps: 12, data: 'six scenes' }), 'file');
    expect(weights.config).toEqual(config);
    expect([...weights.state]).toEqual([...state]);
    expect(weights.info).toEqual({ steps: '12', data: 'six scenes' });
  });

  test('names and shapes are those of PyTorch', () => {
    const { state: read } = decodeWeights(encodeWeights(state, config), 'file');
    const shapes = Object.fromEntries([...read].map(([name, { shape }]) => [name, shape]));
    expect(shapes).toMatchObject({
      'local.0.conv1.weight': [2, 3, 3, 3],
      'local.0.bn1.running_var': [2],
      'local.4.conv2.weight': [32, 32, 3, 3],
      'global.0.conv.weight': [3, 3, 3, 3],
      'global.5.conv.weight': [3, 3, 4, 4],
      'global.5.bn.weight': [3],
      'decoder.3.up.weight': [35, 16, 4, 4],
      'decoder.3.up_bn.bias': [16],
      'decoder.0.conv1.weight': [2, 4, 3, 3],
      'output.weight': [3, 2, 3, 3],
      'output.bias': [3],
    });
  });

  test('vectors in the shape of the graph are written in that of PyTorch', () => {
    const graphShaped = new Map(
      [...state].map(([name, { shape, data }]) => [
        name,
        { shape: shape.length === 1 ? [1, shape[0]!, 1, 1] : shape, data },
      ]),
    );
    const [got, wanted] = [encodeWeights(graphShaped, config), encodeWeights(state, config)];
    expect(Buffer.compare(got, wanted)).toBe(0);
  });

  test('half precision rounds the convolutions only', () => {
    const half = encodeWeights(state, config, {}, { halfPrecision: true });
    expect(half.length).toBeLessThan(0.7 * encodeWeights(state, config).length);
    const { state: read } = decodeWeights(half, 'file');
    expect(read.get('output.bias')!.data).toEqual(state.get('output.bias')!.data);
    const [exact, rounded] = [state, read].map((s) => s.get('local.0.conv1.weight')!.data);
    exact!.forEach((value, index) => {
      expect(Math.abs(rounded![index]! - value)).toBeLessThanOrEqual(2 ** -11 * Math.abs(value));
    });
    expect(rounded).not.toEqual(exact);
  });

  test.each<[string, () => Uint8Array, RegExp]>([
    [
      'a missing tensor',
      () => encodeSafetensors(without('output.bias'), metadata(config)),
      /missing: output\.bias/,
    ],
    [
      'an unknown tensor',
      () => encodeSafetensors(new Map([...state, ['stray', state.get('output.bias')!]]), metadata(config)),
      /unknown: stray/,
    ],
    [
      'the configuration of another network',
      () => encodeSafetensors(state, metadata(networkConfig({ width: 4, globalWidth: 3 }))),
      /wrong shape: local\.0\.conv1\.weight is \[2, 3, 3, 3\] instead of \[4, 3, 3, 3\].* and \d+ more/,
    ],
    ['no configuration', () => encodeSafetensors(state, {}), /no network configuration/],
    [
      'a configuration that is no JSON',
      () => encodeSafetensors(state, { ...metadata(config), config: '{' }),
      /not JSON/,
    ],
    [
      'a configuration that is no object',
      () => encodeSafetensors(state, { ...metadata(config), config: '5' }),
      /not a JSON object/,
    ],
    [
      'a configuration out of range',
      () => encodeSafetensors(state, { ...metadata(config), config: '{"width":-1}' }),
      /width = -1/,
    ],
  ])('refuse %s', (_, bytes, message) => {
    const decode = () => decodeWeights(bytes(), 'w.safetensors');
    expect(decode).toThrow(WeightsError);
    expect(decode).toThrow(message);
  });

  test('refuse a network other than the expected one', () => {
    const bytes = encodeWeights(state, config);
    const other = networkConfig({ width: 2, globalWidth: 5 });
    expect(() => decodeWeights(bytes, 'w', other)).toThrow(/globalWidth is 3 instead of 5/);
    expect(decodeWeights(bytes, 'w', config).config).toEqual(config);
  });

  test('a state that does not fit is not written', () => {
    expect(() => encodeWeights(without('output.bias'), config)).toThrow(WeightsError);
    expect(() => foldBatchNorm(without('local.2.bn1.running_mean'), config)).toThrow(
      'local.2.bn1.running_mean',
    );
  });
});

const metadata = (of: object) => ({ format: 'glocal-weights-1', config: JSON.stringify(of) });
