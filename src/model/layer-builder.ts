import type { Graph, SymbolicTensor } from '../graph/graph';
import { balanceKernel, batchNorm, conv2d, convTranspose2d } from '../graph/operators';
import { type Layer, layerParameters } from './layers';
import { VariableList } from './variable-list';

/**
 * `training`: batch norm over the batch, running statistics updated. `inference`: batch norm with running
 * statistics. `folded`: batch norm folded into the convolutions (`foldBatchNorm`), bias and ReLU fused.
 */
export type NetworkMode = 'training' | 'inference' | 'folded';

export interface Network {
  /** [N, 3, H, W], at least 0, not clipped above. */
  readonly output: SymbolicTensor;
  /** What gradients are taken for: weights, batch-norm scale and shift, biases. */
  readonly parameters: readonly SymbolicTensor[];
  /** All variables: the parameters and the running statistics. What a weight file holds. */
  readonly state: readonly SymbolicTensor[];
}

export interface LayerBuilderOptions {
  readonly mode: NetworkMode;
  readonly normEpsilon: number;
  readonly normMomentum: number;
  /** Takes the alternating part out of the kernels of transposed convolutions while training. */
  readonly balanced?: boolean;
}

/** Makes the variables of layers and applies them. */
export class LayerBuilder {
  readonly #variables: VariableList;
  readonly #options: LayerBuilderOptions;

  constructor(graph: Graph, options: LayerBuilderOptions) {
    this.#variables = new VariableList(graph);
    this.#options = options;
  }

  /** Those made so far. */
  variables(): Pick<Network, 'parameters' | 'state'> {
    const { parameters, state } = this.#variables;
    return { parameters, state };
  }

  /** Convolution, batch norm (or bias) and, unless told otherwise, ReLU. */
  apply(x: SymbolicTensor, layer: Layer, { relu = true } = {}): SymbolicTensor {
    const { mode, normEpsilon, normMomentum, balanced = false } = this.#options;
    const folded = mode === 'folded';
    const [weight, ...vectors] = this.#variables.make(layerParameters(layer, folded));
    const { stride, padding } = layer;
    const convolve = layer.transposed ? convTranspose2d : conv2d;
    if (folded || layer.norm === undefined) {
      return convolve(x, weight!, { stride, padding, bias: vectors[0]!, relu });
    }
    const [gamma, beta, runningMean, runningVariance] = vectors;
    const projected = layer.transposed && mode === 'training' && balanced;
    return batchNorm(
      convolve(x, projected ? balanceKernel(weight!) : weight!, { stride, padding }),
      { gamma: gamma!, beta: beta!, runningMean: runningMean!, runningVariance: runningVariance! },
      {
        mode: mode === 'training' ? 'training' : 'inference',
        eps: normEpsilon,
        momentum: normMomentum,
        relu,
      },
    );
  }
}
