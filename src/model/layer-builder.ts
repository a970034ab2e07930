import type { Graph, SymbolicTensor } from '../graph/graph';
import { balanceKernel, batchNorm, conv2d, convTranspose2d } from '../graph/operators';
import { type Layer, layerParameters } from './layers';
import { VariableList } from './variable-list';

/**
 * `training`: batch norm over the batch, updating the running statistics. `inference`: batch norm with running
 * statistics. `folded`: batch norm folded into the convolutions (`foldBatchNorm`), with bias and ReLU fused.
 */
export type NetworkMode = 'training' | 'inference' | 'folded';

export interface Network {
  /** [N, 3, H, W], at least 0, not clipped above. */
  readonly output: SymbolicTensor;
  /** The tensors that gradients are taken for: weights, batch-norm scales and shifts, biases. */
  readonly parameters: readonly SymbolicTensor[];
  /** All variables, as a weight file stores them: parameters and running statistics. */
  readonly state: readonly SymbolicTensor[];
}

interface LayerBuilderOptions {
  readonly mode: NetworkMode;
  readonly normEpsilon: number;
  readonly normMomentum: number;
  /** While training, removes the alternating part from the kernels of transposed convolutions. */
  readonly balanced?: boolean;
}

/** Creates the variables of layers and applies the layers. */
export class LayerBuilder {
  readonly #variables: VariableList;
  readonly #options: LayerBuilderOptions;

  constructor(graph: Graph, options: LayerBuilderOptions) {
    this.#variables = new VariableList(graph);
    this.#options = options;
  }

  /** The variables created so far. */
  variables(): Pick<Network, 'parameters' | 'state'> {
    const { parameters, state } = this.#variables;
    return { parameters, state };
  }

  /** Convolution, then batch norm (or bias), then ReLU unless disabled. */
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
