import { describe, expect, test } from 'vitest';
import { encodeSafetensors, initialWeights, networkConfig, type StateDict } from '../../src/model';
import { bilateralConfig } from '../../src/model/bilateral/config';
import { initialBilateralWeights } from '../../src/model/bilateral/initialise';
import { drhtConfig } from '../../src/model/drht/config';
import { initialDrhtWeights } from '../../src/model/drht/initialise';
import { importWeights } from '../../src/model/import';
import { decodeWeights, encodeWeights } from '../../src/model/weights';

const config = networkConfig({ width: 2, globalWidth: 3 });
const state = initialWeights(config, 1);

const renamed = (names: StateDict, rename: (key: string) => string): StateDict =>
  new Map([...names].map(([key, tensor]) => [rename(key), tensor]));

/** A file with three tensors of other types: a half, a double and an integer. */
function ofOtherTypes(): Uint8Array {
  const header = JSON.stringify({
    a: { dtype: 'BF16', shape: [1], data_offsets: [0, 2] },
    b: { dtype: 'F64', shape: [], data_offsets: [2, 10] },
    'bn.num_batches_tracked': { dtype: 'I64', shape: [], data_offsets: [10, 18] },
  });
  const bytes = new Uint8Array(8 + header.length + 18);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(header.length), true);
  bytes.set(new TextEncoder().encode(header), 8);
  return bytes;
}

describe('importing a state dict', () => {
  test.each([
    ['local-global', config, state],
    [
      'without global encoder, pair behind the join',
      networkConfig({ width: 3, globalEncoder: false, join: 'C', outputKernel: 1 }),
      undefined,
    ],
    [
      'pair behind the join, one level less',
      networkConfig({ width: 2, globalWidth: 2, join: 'A', globalSize: 96 }),
      undefined,
    ],
  ] as const)('reads the configuration off the shapes: %s', (_, wanted, given) => {
    const bytes = encodeSafetensors(given ?? initialWeights(wanted, 1));
    expect(importWeights(bytes, 'x').config).toEqual(wanted);
  });

  test('reads that of the other kinds too', () => {
    const grid = bilateralConfig({ width: 2, gridSize: 16, viewSize: 64, levels: 4, guideWidth: 5 });
    expect(importWeights(encodeSafetensors(initialBilateralWeights(grid, 1)), 'x').config).toEqual(grid);
    const drht = drhtConfig({ width: 2 });
    expect(importWeights(encodeSafetensors(initialDrhtWeights(drht, 1)), 'x').config).toEqual(drht);
  });

  test('values that shapes do not reveal can be given, and override the metadata', () => {
    const grid = bilateralConfig({ width: 2, gridSize: 16, viewSize: 128 });
    const tensors = initialBilateralWeights(grid, 1);
    expect(importWeights(encodeSafetensors(tensors), 'x', { viewSize: 128 }).config).toEqual(grid);
    const own = encodeWeights(state, config);
    expect(importWeights(own, 'x', { normEpsilon: 1e-3 }).config).toEqual({ ...config, normEpsilon: 1e-3 });
  });

  test('a file of ours comes back as it is', () => {
    const bytes = encodeWeights(state, config, { steps: 12 });
    const { state: read, config: found, info } = importWeights(bytes, 'x');
    expect(Buffer.compare(encodeWeights(read, found, info), bytes)).toBe(0);
  });

  test.each(['module.', '_orig_mod.', 'module._orig_mod.'])('understands names with %s', (prefix) => {
    const counter = { shape: [1], data: new Float32Array([7]) };
    const wrapped = new Map([
      ...renamed(state, (key) => prefix + key),
      ['n_averaged', counter],
      [`${prefix}local.0.bn1.num_batches_tracked`, counter],
    ]);
    const imported = importWeights(encodeSafetensors(wrapped), 'x');
    expect([...imported.state]).toEqual([...state]);
    expect(imported.counters).toEqual(['n_averaged', `${prefix}local.0.bn1.num_batches_tracked`]);
    expect(decodeWeights(encodeWeights(imported.state, imported.config), 'y').config).toEqual(config);
  });

  test.each<[string, () => Uint8Array, RegExp]>([
    [
      'a tensor of another shape, with the one it should have',
      () =>
        encodeSafetensors(
          new Map([...state, ['output.weight', { shape: [3, 3, 3, 3], data: new Float32Array(81) }]]),
        ),
      /output\.weight is \[3, 3, 3, 3\] instead of \[3, 2, 3, 3\]/,
    ],
    [
      'one that is missing, with the shape it should have',
      () => encodeSafetensors(new Map([...state].filter(([key]) => key !== 'output.bias'))),
      /missing: output\.bias \[3\]/,
    ],
    [
      'one that is unknown, with its shape',
      () => encodeSafetensors(new Map([...state, ['head.bias', { shape: [5], data: new Float32Array(5) }]])),
      /unknown: head\.bias \[5\]/,
    ],
    [
      'a name that stands twice',
      () => encodeSafetensors(new Map([...state, ['module.output.bias', state.get('output.bias')!]])),
      /"output\.bias" twice, once as "module\.output\.bias"/,
    ],
    [
      'numbers that are none',
      () =>
        encodeSafetensors(
          new Map([...state, ['output.bias', { shape: [3], data: new Float32Array([0, Number.NaN, 0]) }]]),
        ),
      /output\.bias holds values that are not finite/,
    ],
    [
      'metadata that is no JSON',
      () => encodeSafetensors(state, { config: '{' }),
      /"config" is not a JSON object/,
    ],
    ['a pickle', () => Uint8Array.from([0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46]), /PyTorch's own format/],
    ['a zipped pickle', () => new TextEncoder().encode('PK\x03\x04 and so on'), /PyTorch's own format/],
    ['a file of nothing', () => encodeSafetensors(new Map()), /missing: /],
    ['other tensors than a network has', ofOtherTypes, /unknown: a \[1\], b \[\]/],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => importWeights(bytes(), 'x.safetensors')).toThrow(message);
    expect(() => importWeights(bytes(), 'x.safetensors')).toThrow(/^x\.safetensors/);
  });
});
