import { describe, expect, test } from 'vitest';
import { InputError, WeightsError } from '../../src/errors';
import { PRESETS } from '../../src/model/config';
import { drhtConfig } from '../../src/model/drht/config';
import { initialDrhtWeights } from '../../src/model/drht/initialise';
import { initialWeights } from '../../src/model/initialise';
import { describeModel, modelConfig, modelParameters, sizeMultiple } from '../../src/model/model-config';
import { decodeSafetensors, encodeSafetensors } from '../../src/model/safetensors';
import { decodeWeights, encodeWeights } from '../../src/model/weights';

const { kind: _, ...KINDLESS } = PRESETS.nano;

describe('the kind of a network', () => {
  test('is local-global by default, as in older files without a kind', () => {
    expect(modelConfig(KINDLESS)).toEqual(PRESETS.nano);
    const bytes = encodeWeights(initialWeights(PRESETS.nano, 1), PRESETS.nano);
    const { tensors, metadata } = decodeSafetensors(bytes, 'new');
    const old = encodeSafetensors(tensors, { ...metadata, config: JSON.stringify(KINDLESS) });
    expect(decodeWeights(old, 'old').config).toEqual(PRESETS.nano);
  });

  test('decides which values there are', () => {
    expect(modelConfig({ kind: 'drht', width: 8 })).toEqual(drhtConfig({ width: 8 }));
    expect(() => modelConfig({ kind: 'drht', join: 'P' })).toThrow(/no "join"/);
    expect(() => modelConfig({ kind: 'unet' })).toThrow(InputError);
    expect(() => modelConfig({ kind: 'unet' })).toThrow(
      /kind = "unet"; expected one of local-global, bilateral-grid, drht/,
    );
  });

  test('decides variables, sizes and words', () => {
    const config = drhtConfig({ width: 2 });
    expect(modelParameters(config).some(({ name }) => name === 'ldr.output.conv.weight')).toBe(true);
    expect([sizeMultiple(config), sizeMultiple(PRESETS.nano)]).toEqual([32, 16]);
    expect(describeModel(config)).toBe('DRHT of width 2');
    expect(describeModel(PRESETS.nano)).toBe('local-global network of width 8, global width 16');
    expect(describeModel({ ...PRESETS.nano, globalEncoder: false })).toMatch(/no global encoder/);
  });
});

describe('weight files of DRHT', () => {
  const config = drhtConfig({ width: 2 });
  const state = initialDrhtWeights(config, 1);

  test('keep state and configuration', () => {
    const weights = decodeWeights(encodeWeights(state, config, { steps: 3 }), 'file');
    expect(weights.config).toEqual(config);
    expect([...weights.state]).toEqual([...state]);
  });

  test('are refused where they do not fit', () => {
    const lacking = new Map([...state].filter(([name]) => name !== 'hdr.middle.bn.weight'));
    expect(() => encodeWeights(lacking, config)).toThrow(WeightsError);
    expect(() => encodeWeights(lacking, config)).toThrow(/DRHT of width 2.*missing: hdr\.middle\.bn\.weight/);
    expect(() => decodeWeights(encodeWeights(state, config), 'file', PRESETS.nano)).toThrow(
      /kind is drht instead of local-global/,
    );
  });
});

test('each layer of DRHT draws its weights from its own stream', () => {
  const [small, same, other] = [1, 1, 2].map((seed) => initialDrhtWeights(drhtConfig({ width: 2 }), seed));
  const name = 'ldr.encoder.1.conv.weight';
  expect(small!.get(name)).toEqual(same!.get(name));
  expect(small!.get(name)).not.toEqual(other!.get(name));
  const values = initialDrhtWeights(drhtConfig({ width: 16 }), 1).get(name)!.data;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
  expect(deviation / Math.sqrt(2 / (16 * 49))).toBeCloseTo(1, 1);
});
