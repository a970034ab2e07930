import { MAP_SIZE } from '../../kernels/bilateral-slice';
import { Random } from '../../random';
import { heNormal } from '../initialise';
import { layerParameters, weightShape } from '../layers';
import type { StateDict, StateTensor } from '../state-dict';
import type { BilateralConfig } from './config';
import { bilateralLayers } from './layers';

/** Factors on the weights of layers whose outputs should start small. */
const SCALES: Readonly<Record<string, number>> = { head: 0.1, 'guide.1': 0.3 };

/** The maps start near this multiple of the identity, because inputs are darker than targets. */
const INITIAL_GAIN = 1.5;

/**
 * Initial weights: He normal, batch norm as the identity, and every map of the grid near a gain that brightens the
 * photo. Each layer draws from its own random stream.
 */
export function initialBilateralWeights(config: BilateralConfig, seed: number | string): StateDict {
  const root = new Random(seed);
  const state = new Map<string, StateTensor>();
  for (const layer of bilateralLayers(config)) {
    const [weight, ...vectors] = layerParameters(layer);
    const data = heNormal(layer, root.fork(layer.name), SCALES[layer.name] ?? 1);
    state.set(weight!.name, { shape: weightShape(layer), data });
    for (const { name, shape } of vectors) {
      const value = (index: number) =>
        layer.name === 'head' ? initialMap(index) : Number(/\.(bn\.weight|running_var)$/.test(name));
      state.set(name, { shape, data: Float32Array.from({ length: layer.outputs }, (_, k) => value(k)) });
    }
  }
  return state;
}

/** Channel 12 l + 4 r + c of the grid: row r, column c of the map at level l. */
function initialMap(channel: number): number {
  const within = channel % MAP_SIZE;
  return within % 5 === 0 && within < 11 ? INITIAL_GAIN : 0;
}
