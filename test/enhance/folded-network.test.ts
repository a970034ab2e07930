import { expect, test } from 'vitest';
import { readNetwork } from '../../src/enhance/folded-network';
import { WeightsError } from '../../src/errors';
import { drhtConfig } from '../../src/model/drht/config';
import { initialDrhtWeights } from '../../src/model/drht/initialise';
import { encodeWeights } from '../../src/model/weights';

test('networks that are only for comparison do not enhance photos', () => {
  const config = drhtConfig({ width: 1 });
  const bytes = encodeWeights(initialDrhtWeights(config, 1), config);
  expect(() => readNetwork(bytes, 'drht.safetensors')).toThrow(WeightsError);
  expect(() => readNetwork(bytes, 'drht.safetensors')).toThrow(/drht\.safetensors is a DRHT of width 1/);
});
