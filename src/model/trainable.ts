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
 * Between output and target [N, 3, H, W]: [1, 1, 1, 1]. Mean over elements of the square or of the absolute value;
 * `detail` adds that of the octaves of detail.
 */
export const LOSSES = { mse, mae, detail: detailLoss } as const;

export type LossName = keyof typeof LOSSES;

/** What training needs to know of a network. */
export interface Trainable {
  /** Weights to start from. */
  initialWeights(seed: number): StateDict;
  build(graph: Graph, input: SymbolicTensor, mode: 'training' | 'inference'): Network;
  /** The loss it is trained by as published. */
  readonly loss: LossName;
  /** The weights for inference out of those that are trained. */
  finished(state: StateDict): StateDict;
}

/**
 * The local-global network is trained by the mean squared error, DRHT by the mean absolute one, as released; so is
 * the bilateral-grid network, for which it is worth half a decibel.
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
