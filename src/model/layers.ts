import type { Layout, Shape } from '../kernels/tensor';
import type { NetworkConfig } from './config';

/** A convolution and its batch norm or bias, as data that network, initialisation, folding and weight files share. */
export interface Layer {
  /** Prefix of `weight` (and `bias`): `local.0.conv1`. */
  readonly name: string;
  /** Prefix of the batch norm after it: `local.0.bn1`. Absent: the convolution has a bias instead. */
  readonly norm?: string;
  readonly transposed: boolean;
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
}

/** A variable of the network. */
export interface ParameterSpec {
  readonly name: string;
  /** As stored on disk: [O, I, K, K], [I, O, K, K] for transposed convolutions, or [C]. */
  readonly shape: readonly number[];
  /** Trained by gradient descent; otherwise a running statistic. */
  readonly trainable: boolean;
}

/** Number of times the local path halves the image. */
const DEPTH = 4;

/** Number of global convolutions followed by pooling. */
const GLOBAL_POOLS = 5;

const IMAGE_CHANNELS = 3;

/** Filters at a level of the local path; they double with each halving. */
const filters = (config: NetworkConfig, level: number): number => config.width * 2 ** level;

/** Number of pairs in the local encoder; variant A ends one level higher. */
export const localLevels = (config: NetworkConfig): number => (config.join === 'A' ? DEPTH : DEPTH + 1);

/** Layers of the local encoder: `local.0` at full resolution to `local.4`. */
export function localLayers(config: NetworkConfig): Layer[] {
  return range(localLevels(config)).flatMap((level) =>
    pair(`local.${level}`, level === 0 ? IMAGE_CHANNELS : filters(config, level - 1), filters(config, level)),
  );
}

/** Layers of the global encoder: `global.0` to `global.5`, the last without padding. */
export function globalLayers(config: NetworkConfig): Layer[] {
  if (!config.globalEncoder) return [];
  return range(GLOBAL_POOLS + 1).map((index) => {
    const last = index === GLOBAL_POOLS;
    return {
      name: `global.${index}.conv`,
      norm: `global.${index}.bn`,
      transposed: false,
      inputs: index === 0 ? IMAGE_CHANNELS : config.globalWidth,
      outputs: config.globalWidth,
      kernel: last ? config.globalSize / 2 ** GLOBAL_POOLS : 3,
      stride: 1,
      padding: last ? 0 : 1,
    };
  });
}

/** The pair after the join; none in variant P. */
export function joinLayers(config: NetworkConfig): Layer[] {
  return config.join === 'P' ? [] : pair('join', joinedChannels(config), filters(config, DEPTH));
}

/** Number of local and global channels together. */
function joinedChannels(config: NetworkConfig): number {
  return filters(config, localLevels(config) - 1) + (config.globalEncoder ? config.globalWidth : 0);
}

/** Layers of the decoder: `decoder.3` (joins `local.3`) to `decoder.0` at full resolution. */
export function decoderLayers(config: NetworkConfig): Layer[] {
  return range(DEPTH)
    .toReversed()
    .flatMap((level) => {
      const outputs = filters(config, level);
      const deepest = level === DEPTH - 1;
      const inputs = deepest && config.join === 'P' ? joinedChannels(config) : filters(config, level + 1);
      const up: Layer = {
        name: `decoder.${level}.up`,
        norm: `decoder.${level}.up_bn`,
        transposed: true,
        inputs,
        outputs,
        kernel: 4,
        stride: 2,
        padding: 1,
      };
      return [up, ...pair(`decoder.${level}`, 2 * outputs, outputs)];
    });
}

/** The last layer: three channels, bias, no batch norm. */
export function outputLayer(config: NetworkConfig): Layer {
  return {
    name: 'output',
    transposed: false,
    inputs: config.width,
    outputs: IMAGE_CHANNELS,
    kernel: config.outputKernel,
    stride: 1,
    padding: (config.outputKernel - 1) / 2,
  };
}

/** All layers, in forward order. */
export function allLayers(config: NetworkConfig): Layer[] {
  return [
    ...localLayers(config),
    ...globalLayers(config),
    ...joinLayers(config),
    ...decoderLayers(config),
    outputLayer(config),
  ];
}

/** The variables of a layer. If folded, a bias replaces the batch norm. */
export function layerParameters(layer: Layer, folded = false): ParameterSpec[] {
  const { name, norm, outputs } = layer;
  const weight = { name: `${name}.weight`, shape: weightShape(layer), trainable: true };
  const vector = (vectorName: string, trainable: boolean) => ({
    name: vectorName,
    shape: [outputs],
    trainable,
  });
  if (folded || norm === undefined) return [weight, vector(`${name}.bias`, true)];
  return [
    weight,
    vector(`${norm}.weight`, true),
    vector(`${norm}.bias`, true),
    vector(`${norm}.running_mean`, false),
    vector(`${norm}.running_var`, false),
  ];
}

/** The variables of the whole network. */
export function networkParameters(config: NetworkConfig, folded = false): ParameterSpec[] {
  return allLayers(config).flatMap((layer) => layerParameters(layer, folded));
}

/** [O, I, K, K], or [I, O, K, K] for a transposed convolution, as in PyTorch. */
export function weightShape({ transposed, inputs, outputs, kernel }: Layer): Shape {
  return transposed ? [inputs, outputs, kernel, kernel] : [outputs, inputs, kernel, kernel];
}

/** Converts a variable's shape on disk to its shape and layout in the graph. */
export function graphShape(shape: readonly number[]): { shape: Shape; layout: Layout } {
  const [a, b, c, d] = shape;
  if (b === undefined) return { shape: [1, a!, 1, 1], layout: 'activation' };
  return { shape: [a!, b, c!, d!], layout: 'weight' };
}

/** Two 3x3 convolutions with batch norm. */
function pair(prefix: string, inputs: number, outputs: number): Layer[] {
  const layer = (index: number, layerInputs: number): Layer => ({
    name: `${prefix}.conv${index}`,
    norm: `${prefix}.bn${index}`,
    transposed: false,
    inputs: layerInputs,
    outputs,
    kernel: 3,
    stride: 1,
    padding: 1,
  });
  return [layer(1, inputs), layer(2, outputs)];
}

const range = (length: number): number[] => Array.from({ length }, (_, index) => index);
