import { batchNormBackward, batchNormInference, batchNormTraining } from '../../kernels/batch-norm';
import { requireLayout, requireShape } from '../../kernels/shapes';
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
  for (const vector of Object.values(parameters))
    requireShape(
      'batchNorm',
      named(vector),
      [1, x.shape[1], 1, 1],
      `one value per channel of ${describe(x)}`,
    );
  return attributes.mode === 'training'
    ? trainingNorm(x, parameters, attributes)
    : inferenceNorm(x, parameters, attributes);
}

function inferenceNorm(
  x: SymbolicTensor,
  { gamma, beta, runningMean, runningVariance }: NormParameters,
  { eps, relu = false }: BatchNormAttributes,
): SymbolicTensor {
  const label = moduleName(gamma);
  const y = x.graph.intermediate(`${label}.output`, x.shape);
  x.graph.node({
    operator: 'batchNormInference',
    label,
    inputs: [x, gamma, beta, runningMean, runningVariance],
    outputs: [y],
    updates: [],
    emit: (context, at) =>
      batchNormInference(
        context,
        {
          x: at(x),
          gamma: at(gamma),
          beta: at(beta),
          runningMean: at(runningMean),
          runningVariance: at(runningVariance),
          y: at(y),
        },
        { eps, relu },
      ),
  });
  return y;
}

function trainingNorm(
  x: SymbolicTensor,
  { gamma, beta, runningMean, runningVariance }: NormParameters,
  { eps, momentum, relu = false }: BatchNormAttributes,
): SymbolicTensor {
  const label = moduleName(gamma);
  const y = x.graph.intermediate(`${label}.output`, x.shape);
  const mean = x.graph.intermediate(`${label}.mean`, gamma.shape);
  const rstd = x.graph.intermediate(`${label}.rstd`, gamma.shape);
  x.graph.node({
    operator: 'batchNormTraining',
    label,
    inputs: [x, gamma, beta],
    outputs: [y, mean, rstd],
    updates: [runningMean, runningVariance],
    emit: (context, at) =>
      batchNormTraining(
        context,
        {
          x: at(x),
          gamma: at(gamma),
          beta: at(beta),
          runningMean: at(runningMean),
          runningVariance: at(runningVariance),
          y: at(y),
          mean: at(mean),
          rstd: at(rstd),
        },
        { eps, momentum, relu },
      ),
    derivative: ([dy]) => {
      if (dy === undefined) return [];
      const dx = x.graph.intermediate(`${label}.input.grad`, x.shape);
      const dgamma = x.graph.intermediate(`${gamma.name}.grad`, gamma.shape);
      const dbeta = x.graph.intermediate(`${beta.name}.grad`, beta.shape);
      x.graph.node({
        operator: 'batchNormGradient',
        label,
        inputs: [x, dy, gamma, beta, mean, rstd],
        outputs: [dx, dgamma, dbeta],
        updates: [],
        emit: (context, at) =>
          batchNormBackward(
            context,
            {
              x: at(x),
              dy: at(dy),
              gamma: at(gamma),
              beta: at(beta),
              mean: at(mean),
              rstd: at(rstd),
              dx: at(dx),
              dgamma: at(dgamma),
              dbeta: at(dbeta),
            },
            { relu },
          ),
      });
      return [dx, dgamma, dbeta];
    },
  });
  return y;
}
