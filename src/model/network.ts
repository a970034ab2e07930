import { ShapeError } from '../errors';
import type { Graph, SymbolicTensor } from '../graph/graph';
import { concat, maxPool2x2, replicate, resizeBilinear } from '../graph/operators';
import { type NetworkConfig, SIZE_MULTIPLE } from './config';
import { LayerBuilder, type Network, type NetworkMode } from './layer-builder';
import { decoderLayers, globalLayers, joinLayers, localLayers, localLevels, outputLayer } from './layers';

/**
 * Builds the local-global network (Kinoshita and Kiya 2019, section 3) on an image [N, 3, H, W] in [0, 1], H and W
 * multiples of 16. The global encoder sees the image resized to `globalSize`. If `global` is given, that tensor [N,
 * globalWidth, 1, 1] from `buildGlobalEncoder` replaces the encoder.
 *
 * @throws ShapeError if the image does not fit.
 */
export function buildNetwork(
  graph: Graph,
  input: SymbolicTensor,
  config: NetworkConfig,
  options: { readonly mode: NetworkMode; readonly global?: SymbolicTensor },
): Network {
  requireImage(input);
  const builder = builderFor(graph, config, options.mode);
  const skips = localEncoder(builder, input, config);
  const deepest = config.join === 'A' ? maxPool2x2(skips.at(-1)!, { label: 'join' }) : skips.at(-1)!;
  const feature = config.globalEncoder
    ? (options.global ?? globalEncoder(builder, resized(input, config.globalSize), config))
    : undefined;
  let x = feature === undefined ? deepest : join(deepest, feature);
  for (const layer of joinLayers(config)) x = builder.apply(x, layer);
  x = decoder(builder, x, skips, config);
  return { output: builder.apply(x, outputLayer(config)), ...builder.variables() };
}

/**
 * The global encoder alone, on an image [N, 3, H, W] of any size, resized to `globalSize`. `output` is [N,
 * globalWidth, 1, 1]. Tiled photos run it once.
 */
export function buildGlobalEncoder(
  graph: Graph,
  image: SymbolicTensor,
  config: NetworkConfig,
  options: { readonly mode: NetworkMode },
): Network {
  if (!config.globalEncoder) throw new ShapeError('This network is configured without a global encoder.');
  const builder = builderFor(graph, config, options.mode);
  return {
    output: globalEncoder(builder, resized(image, config.globalSize), config),
    ...builder.variables(),
  };
}

/** The outputs of all pairs, from full resolution down. */
function localEncoder(builder: LayerBuilder, input: SymbolicTensor, config: NetworkConfig): SymbolicTensor[] {
  const layers = localLayers(config);
  const outputs: SymbolicTensor[] = [];
  let x = input;
  for (let level = 0; level < localLevels(config); level++) {
    if (level > 0) x = maxPool2x2(x, { label: `local.${level}` });
    for (const layer of layers.slice(2 * level, 2 * level + 2)) x = builder.apply(x, layer);
    outputs.push(x);
  }
  return outputs;
}

function globalEncoder(builder: LayerBuilder, image: SymbolicTensor, config: NetworkConfig): SymbolicTensor {
  let x = image;
  globalLayers(config).forEach((layer, index) => {
    if (index > 0) x = maxPool2x2(x, { label: `global.${index}` });
    x = builder.apply(x, layer);
  });
  return x;
}

/** Four times: transposed convolution, concatenation with the skip first, two convolutions. */
function decoder(
  builder: LayerBuilder,
  deepest: SymbolicTensor,
  skips: readonly SymbolicTensor[],
  config: NetworkConfig,
): SymbolicTensor {
  let x = deepest;
  for (const layer of decoderLayers(config)) {
    x = builder.apply(x, layer);
    if (!layer.transposed) continue;
    const level = Number(layer.name.split('.')[1]);
    x = concat(skips[level]!, x, { label: `decoder.${level}` });
  }
  return x;
}

/** [local, global], with the global vector repeated over the plane. */
function join(local: SymbolicTensor, feature: SymbolicTensor): SymbolicTensor {
  const [, , height, width] = local.shape;
  return concat(local, replicate(feature, { height, width, label: 'join' }), { label: 'join' });
}

function resized(image: SymbolicTensor, size: number): SymbolicTensor {
  const [, , height, width] = image.shape;
  if (height === size && width === size) return image;
  return resizeBilinear(image, { height: size, width: size, label: 'global' });
}

function requireImage(input: SymbolicTensor): void {
  const [, channels, height, width] = input.shape;
  if (channels === 3 && height % SIZE_MULTIPLE === 0 && width % SIZE_MULTIPLE === 0) return;
  throw new ShapeError(
    `The network takes [N, 3, H, W] with H and W multiples of ${SIZE_MULTIPLE}, not ` +
      `${input.name} [${input.shape.join(', ')}]. Pad the image and crop the result.`,
  );
}

const builderFor = (graph: Graph, config: NetworkConfig, mode: NetworkMode): LayerBuilder =>
  new LayerBuilder(graph, { ...config, mode, balanced: config.upsampling === 'balanced' });
