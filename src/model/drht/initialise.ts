import { Random } from '../../random';
import { heNormal } from '../initialise';
import { weightShape } from '../layers';
import type { StateDict, StateTensor } from '../state-dict';
import type { DrhtConfig } from './config';
import { type DrhtLayer, drhtLayerParameters, drhtLayers } from './layers';

/**
 * Initial weights: He normal, gains 1, shifts and biases 0, running statistics 0 and 1. The layers that join a skip
 * start as the sum of both sides, as in Eilertsen et al. (2017), so that the first network starts near the linear
 * light of the photo. Each layer draws from its own random stream.
 */
export function initialDrhtWeights(config: DrhtConfig, seed: number | string): StateDict {
  const root = new Random(seed);
  const state = new Map<string, StateTensor>();
  for (const layer of drhtLayers(config)) {
    const [weight, ...vectors] = drhtLayerParameters(layer);
    const data = layer.name.endsWith('.fuse')
      ? sumOfHalves(layer)
      : heNormal(layer, root.fork(layer.name), 1);
    state.set(weight!.name, { shape: weightShape(layer), data });
    for (const { name, shape } of vectors) {
      const value = /\.(weight|running_var)$/.test(name) ? 1 : 0;
      state.set(name, { shape, data: new Float32Array(layer.outputs).fill(value) });
    }
  }
  return state;
}

/** A 1x1 convolution that adds the first half of its channels to the second. */
function sumOfHalves({ inputs, outputs }: DrhtLayer): Float32Array {
  return Float32Array.from({ length: outputs * inputs }, (_, index) =>
    Number((index % inputs) % outputs === Math.floor(index / inputs)),
  );
}
