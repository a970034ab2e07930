import { type Graph, mae, mse, type SymbolicTensor } from '../graph';
import { balanceUpsampling } from './balance';
import { initialBilateralWeights } from './bilateral/initialise';
import { buildBilateral } from './bilateral/network';
import { detailLoss } from './detail-loss';
import { initialDrhtWeights } from './drht/initialise';
import { buildDrht } from './drht/network';
import { initialWeights } from './initialise';
import type { Network } from './layer-builder';
import type { ModelConfig } from './model-config';
import { buildNetwork } from './network';
import type { StateDict } from './state-dict';

/**
 * Losses between output and target [N, 3, H, W], giving [1, 1, 1, 1]: mean squared or absolute error; `detail` adds
 * the absolute error of the finest octaves.
 */
export const LOSSES = { mse, mae, detail: detailLoss } as const;

export type LossName = keyof typeof LOSSES;

/** Everything training needs to know about a network. */
interface Trainable {
  /** Initial weights, before training. */
  initialWeights(seed: number): StateDict;
  build(graph: Graph, input: SymbolicTensor, mode: 'training' | 'inference'): Network;
  /** Default loss, as published. */
  readonly loss: LossName;
  /** Converts trained weights to weights for inference. */
  finished(state: StateDict): StateDict;
}

/**
 * As published, the local-global network is trained with mean squared error and DRHT with mean absolute error. The
 * bilateral-grid network uses the latter too, which gains half a decibel.
 */
export function trainable(config: ModelConfig): Trainable {
  if (config.kind === 'drht') {
    return {
      initialWeights: (seed) => initialDrhtWeights(config, seed),
      build: (graph, input, mode) => buildDrht(graph, input, config, { mode }),
      loss: 'mae',
      finished: (state) => state,
    };
  }
  if (config.kind === 'bilateral-grid') {
    return {
      initialWeights: (seed) => initialBilateralWeights(config, seed),
      build: (graph, input, mode) => buildBilateral(graph, input, config, { mode }),
      loss: 'mae',
      finished: (state) => state,
    };
  }
  return {
    initialWeights: (seed) => initialWeights(config, seed),
    build: (graph, input, mode) => buildNetwork(graph, input, config, { mode }),
    loss: 'mse',
    finished: (state) => balanceUpsampling(state, config),
  };
}
