import { batchNormBackward, batchNormInference, batchNormTraining } from '../../kernels/batch-norm';
import { requireLayout, requireShape } from '../../kernels/shapes';
import { byteLength } from '../../kernels/tensor';
import type { SymbolicTensor } from '../graph';
import { describe, moduleName, named } from '../names';

/** The parameters of one batch norm, each [1, C, 1, 1]; gamma and beta are `weight` and `bias` in PyTorch. */
export interface NormParameters {
  readonly gamma: SymbolicTensor;
  readonly beta: SymbolicTensor;
  readonly runningMean: SymbolicTensor;
  readonly runningVariance: SymbolicTensor;
}

export interface BatchNormAttributes {
  /** `training`: statistics of the batch, running statistics updated. `inference`: running statistics. */
  readonly mode: 'training' | 'inference';
  readonly eps: number;
  /** Weight of the batch in the running statistics; training only. */
  readonly momentum: number;
  /** Fuses max(., 0) into the same pass. */
  readonly relu?: boolean;
}

/**
 * Batch normalisation (Ioffe and Szegedy 2015): y = gamma (x - mean) / sqrt(variance + eps) + beta per channel,
 * over N, H and W. In inference mode it has no derivative.
 *
 * @throws ShapeError if a parameter is not [1, C, 1, 1].
 */
export function batchNorm(
  x: SymbolicTensor,
  parameters: NormParameters,
  attributes: BatchNormAttributes,
): SymbolicTensor {
  requireLayout('batchNorm', named(x), 'activation');
  const vectors = named(...Object.values(parameters));
  requireShape('batchNorm', vectors, [1, x.shape[1], 1, 1], `one value per channel of ${describe(x)}`);
  const norm = { gamma: parameters.gamma, beta: parameters.beta };
  return attributes.mode === 'training'
    ? addBatchStatisticsNorm(x, { operator: 'batchNorm', ...norm, running: parameters }, attributes)
    : inferenceNorm(x, parameters, attributes);
}

function inferenceNorm(
  x: SymbolicTensor,
  { gamma, beta, runningMean, runningVariance }: NormParameters,
  { eps, relu = false }: BatchNormAttributes,
): SymbolicTensor {
  const label = moduleName(gamma);
  return x.graph.node({
    operator: 'batchNormInference',
    label,
    inputs: { x, gamma, beta, runningMean, runningVariance },
    outputs: { y: { name: `${label}.output`, shape: x.shape } },
    attributes: { eps, relu },
    emit: (context, tensors) => batchNormInference(context, tensors, { eps, relu }),
  }).y;
}

/** The tensors of a norm over the batch; running statistics are optional. */
interface BatchStatisticsNorm {
  readonly operator: string;
  readonly gamma: SymbolicTensor;
  readonly beta: SymbolicTensor;
  readonly running?: Pick<NormParameters, 'runningMean' | 'runningVariance'>;
}

/** Adds a norm over the batch, labelled after `beta`, with its derivative. */
export function addBatchStatisticsNorm(
  x: SymbolicTensor,
  { operator, gamma, beta, running }: BatchStatisticsNorm,
  { eps, momentum, relu = false }: Omit<BatchNormAttributes, 'mode'>,
): SymbolicTensor {
  const { graph } = x;
  const label = moduleName(beta);
  const { y, mean, rstd } = graph.node({
    operator: `${operator}Training`,
    label,
    inputs: { x, gamma, beta },
    outputs: {
      y: { name: `${label}.output`, shape: x.shape },
      mean: { name: `${label}.mean`, shape: gamma.shape },
      rstd: { name: `${label}.rstd`, shape: gamma.shape },
    },
    updates: running && { runningMean: running.runningMean, runningVariance: running.runningVariance },
    attributes: { eps, relu },
    emit: (context, tensors) => {
      const bytes = byteLength(beta.shape, beta.layout);
      const unread = () => ({ ...tensors.beta, buffer: context.scratch(bytes) });
      const statistics = running ? {} : { runningMean: unread(), runningVariance: unread() };
      return batchNormTraining(context, { ...tensors, ...statistics }, { eps, momentum, relu });
    },
    derivative: ([dy]) => (dy === undefined ? [] : gradient(dy)),
  });
  return y;

  function gradient(dy: SymbolicTensor): SymbolicTensor[] {
    const { dx, dgamma, dbeta } = graph.node({
      operator: `${operator}Gradient`,
      label,
      inputs: { x, dy, gamma, beta, mean, rstd },
      outputs: {
        dx: { name: `${label}.input.grad`, shape: x.shape },
        dgamma: { name: `${gamma.name}.grad`, shape: gamma.shape },
        dbeta: { name: `${beta.name}.grad`, shape: beta.shape },
      },
      emit: (context, tensors) => batchNormBackward(context, tensors, { relu }),
    });
    return [dx, dgamma, dbeta];
  }
}
