import { WeightsError } from '../errors';
import { type Layer, layerParameters, weightShape } from './layers';
import { type FoldableConfig, foldableLayers } from './model-config';
import type { StateDict, StateTensor } from './state-dict';

/**
 * Folds every batch norm into the preceding convolution. With s = gamma / sqrt(variance + eps), the weights of each
 * output channel are scaled by s, and the bias is beta - mean s. Computed in float64 and rounded once. The result is
 * for a network in mode `folded`.
 *
 * @throws WeightsError if a tensor is missing.
 */
export function foldBatchNorm(state: StateDict, config: FoldableConfig): StateDict {
  const folded = new Map<string, StateTensor>();
  for (const layer of foldableLayers(config)) {
    const [weight, bias] = layerParameters(layer, true);
    const values =
      layer.norm === undefined ? unchanged(state, layer) : foldLayer(state, layer, config.normEpsilon);
    folded.set(weight!.name, { shape: weight!.shape, data: values.weight });
    folded.set(bias!.name, { shape: bias!.shape, data: values.bias });
  }
  return folded;
}

interface WeightAndBias {
  readonly weight: Float32Array;
  readonly bias: Float32Array;
}

function unchanged(state: StateDict, { name }: Layer): WeightAndBias {
  return { weight: dataOf(state, `${name}.weight`), bias: dataOf(state, `${name}.bias`) };
}

function foldLayer(state: StateDict, layer: Layer, eps: number): WeightAndBias {
  const gamma = dataOf(state, `${layer.norm}.weight`);
  const beta = dataOf(state, `${layer.norm}.bias`);
  const mean = dataOf(state, `${layer.norm}.running_mean`);
  const variance = dataOf(state, `${layer.norm}.running_var`);
  const scale = Float64Array.from(gamma, (value, channel) => value / Math.sqrt(variance[channel]! + eps));
  const channelOf = outputChannel(layer);
  return {
    weight: dataOf(state, `${layer.name}.weight`).map((value, index) => value * scale[channelOf(index)]!),
    bias: beta.map((value, channel) => value - mean[channel]! * scale[channel]!),
  };
}

/** Maps the index of a weight to its output channel: the first axis, or the second in a transposed convolution. */
function outputChannel(layer: Layer): (index: number) => number {
  const [, second, kh, kw] = weightShape(layer);
  return layer.transposed
    ? (index) => Math.floor(index / (kh * kw)) % second
    : (index) => Math.floor(index / (second * kh * kw));
}

function dataOf(state: StateDict, name: string): Float32Array {
  const tensor = state.get(name);
  if (tensor === undefined) {
    throw new WeightsError(`The weights have no "${name}", so the batch norms cannot be folded.`);
  }
  return tensor.data;
}
