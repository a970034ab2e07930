import { elementCount } from '../kernels/tensor';
import { Random } from '../random';
import type { NetworkConfig } from './config';
import { allLayers, type Layer, layerParameters, weightShape } from './layers';
import type { StateDict, StateTensor } from './state-dict';

export interface InitialisationOptions {
  /**
   * Bias of the last convolution. Its ReLU passes no gradient where it outputs zero, so outputs start near mid-grey
   * instead of zero.
   */
  readonly outputBias?: number;
  /** Factor on the weights of the last convolution, for the same reason. */
  readonly outputScale?: number;
}

/**
 * Initial weights: He normal (He et al. 2015, eq. 10: deviation sqrt(2 / fan-in)), batch norm as the identity with
 * running statistics 0 and 1. Each layer draws from its own stream, seeded by its name, so changing one layer leaves
 * the others unchanged.
 */
export function initialWeights(
  config: NetworkConfig,
  seed: number | string,
  options: InitialisationOptions = {},
): StateDict {
  const { outputBias = 0.3, outputScale = 0.1 } = options;
  const root = new Random(seed);
  const state = new Map<string, StateTensor>();
  for (const layer of allLayers(config)) {
    const isOutput = layer.norm === undefined;
    const [weight, ...vectors] = layerParameters(layer);
    const data = heNormal(layer, root.fork(layer.name), isOutput ? outputScale : 1);
    state.set(weight!.name, { shape: weight!.shape, data });
    for (const { name, shape } of vectors) {
      const value = isOutput ? outputBias : /\.(weight|running_var)$/.test(name) ? 1 : 0;
      state.set(name, { shape, data: new Float32Array(layer.outputs).fill(value) });
    }
  }
  return state;
}

/** Normal with deviation scale * sqrt(2 / fan-in). */
export function heNormal(layer: Layer, random: Random, scale: number): Float32Array {
  const deviation = scale * Math.sqrt(2 / fanIn(layer));
  return Float32Array.from({ length: elementCount(weightShape(layer)) }, () => random.normal(0, deviation));
}

/**
 * Number of products summed in one output value. A transposed convolution with stride s spreads its kernel over s x s
 * outputs, so each sees 1 / s^2 of it.
 */
function fanIn({ transposed, inputs, kernel, stride }: Layer): number {
  const products = inputs * kernel ** 2;
  return transposed ? products / stride ** 2 : products;
}
