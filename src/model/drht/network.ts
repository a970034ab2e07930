import { ShapeError } from '../../errors';
import type { Graph, SymbolicTensor } from '../../graph/graph';
import {
  add,
  batchNorm,
  concat,
  conv2d,
  convTranspose2d,
  elu,
  hdrBlend,
  log,
  logSquare,
  maxPool2x2,
  power,
  relu,
  shiftNorm,
  sumProduct,
} from '../../graph/operators';
import type { Network } from '../layer-builder';
import { VariableList } from '../variable-list';
import { DRHT_SIZE_MULTIPLE, type DrhtConfig } from './config';
import {
  type DrhtLayer,
  drhtLayerParameters,
  hdrDecoderSteps,
  hdrEncoderLayers,
  hdrMiddleLayer,
  hdrOutputStep,
  ldrDecoderLayers,
  ldrEncoderLayers,
  ldrOutputLayer,
} from './layers';

/** `training` updates the running statistics of the first network; `inference` uses them. */
type DrhtMode = 'training' | 'inference';

/** Added before every logarithm: the step between two levels of a photo. */
const OFFSET = 1 / 255;
/** Predictions take over from where a pixel's brightest channel exceeds this. */
const CLIPPED = 0.95;
/** VGG-16 expects levels of 0 to 255 in BGR order, minus these means. */
const VGG_MEANS = [103.939, 116.779, 123.68];
const LEVELS = 255;
const NORM = { eps: 1e-5, momentum: 0.1 };
const SHIFT_NORM = { eps: 1e-3 };
const DISPLAY = { exponent: 1 / 2.2, factor: 1 / 30 };

/**
 * Builds DRHT on photos [N, 3, H, W] in [0, 1], H and W multiples of 32. The output [N, 3, H, W] is above -1 and must
 * be clipped to [0, 1]. The result for an image depends on the rest of its batch.
 *
 * @throws ShapeError if the image does not fit.
 */
export function buildDrht(
  graph: Graph,
  input: SymbolicTensor,
  config: DrhtConfig,
  { mode }: { readonly mode: DrhtMode },
): Network {
  requireImage(input);
  const builder = new DrhtBuilder(graph, config, mode);
  const output = toPhoto(builder, toLinearLight(builder, input));
  return { output, parameters: builder.variables.parameters, state: builder.variables.state };
}

/** The second network alone, on linear light [N, 3, H, W] >= 0. */
export function buildDrhtToneMapper(graph: Graph, input: SymbolicTensor, config: DrhtConfig): Network {
  requireImage(input);
  const builder = new DrhtBuilder(graph, config, 'inference');
  const output = toPhoto(builder, input);
  return { output, parameters: builder.variables.parameters, state: builder.variables.state };
}

/** The first network: [N, 3, H, W] in [0, 1] to linear light. */
function toLinearLight(builder: DrhtBuilder, photo: SymbolicTensor): SymbolicTensor {
  const { config } = builder;
  const skips: SymbolicTensor[] = [];
  let x = builder.vggInput(photo);
  hdrEncoderLayers(config).forEach((stage, level) => {
    if (level > 0) x = maxPool2x2(x, { label: `hdr.encoder.${level}` });
    for (const layer of stage) x = builder.apply(x, layer, 'relu');
    skips.push(x);
  });
  x = builder.apply(maxPool2x2(x, { label: 'hdr.middle' }), hdrMiddleLayer(config), 'relu');
  hdrDecoderSteps(config).forEach(({ up, fuse }, index) => {
    x = builder.fuse(builder.apply(x, up, 'relu'), skips.at(-1 - index)!, fuse, 1 / LEVELS);
  });
  const { up, fuse } = hdrOutputStep(config);
  const prediction = builder.fuse(builder.apply(x, up, 'relu'), photo, fuse, 1);
  return hdrBlend(photo, prediction, { threshold: CLIPPED, offset: OFFSET, label: 'hdr' });
}

/** The second network: linear light to a photo. */
function toPhoto(builder: DrhtBuilder, light: SymbolicTensor): SymbolicTensor {
  const { config } = builder;
  const skips: SymbolicTensor[] = [];
  let x = log(light, { scale: 1, offset: OFFSET, label: 'ldr' });
  for (const layer of ldrEncoderLayers(config)) {
    x = builder.apply(x, layer, 'elu');
    skips.push(x);
  }
  ldrDecoderLayers(config).forEach((layer, index) => {
    const label = layer.name.replace(/\.up$/, '');
    x = sumProduct(builder.apply(x, layer, 'elu'), skips.at(-2 - index)!, { label });
  });
  const corrected = builder.apply(x, ldrOutputLayer(config), 'none');
  const shown = power(light, { ...DISPLAY, label: 'ldr.output' });
  return elu(add(corrected, shown, { label: 'ldr.output' }), { label: 'ldr.output' });
}

function requireImage(input: SymbolicTensor): void {
  const [, channels, height, width] = input.shape;
  if (channels === 3 && height % DRHT_SIZE_MULTIPLE === 0 && width % DRHT_SIZE_MULTIPLE === 0) return;
  throw new ShapeError(
    `DRHT takes [N, 3, H, W] with H and W multiples of ${DRHT_SIZE_MULTIPLE}, not ` +
      `${input.name} [${input.shape.join(', ')}]. Pad the image and crop the result.`,
  );
}

/** Makes the variables of layers and applies them. */
class DrhtBuilder {
  readonly variables: VariableList;

  constructor(
    readonly graph: Graph,
    readonly config: DrhtConfig,
    readonly mode: DrhtMode,
  ) {
    this.variables = new VariableList(graph);
  }

  /** BGR levels minus VGG's means: a 1x1 convolution with constant weights. */
  vggInput(photo: SymbolicTensor): SymbolicTensor {
    const swap = [0, 0, LEVELS, 0, LEVELS, 0, LEVELS, 0, 0];
    const weight = this.graph.variable('hdr.input.weight', [3, 3, 1, 1], 'weight', swap);
    const means = VGG_MEANS.map((mean) => -mean);
    const bias = this.graph.variable('hdr.input.bias', [1, 3, 1, 1], 'activation', means);
    return conv2d(photo, weight, { stride: 1, padding: 0, bias });
  }

  apply(x: SymbolicTensor, layer: DrhtLayer, activation: 'relu' | 'elu' | 'none'): SymbolicTensor {
    const [weight, ...vectors] = this.variables.make(drhtLayerParameters(layer));
    const { stride, padding, paddingAfter } = layer;
    const lattice = { stride, padding, paddingAfter };
    const convolve = layer.transposed ? convTranspose2d : conv2d;
    const isRelu = activation === 'relu';
    if (layer.normalisation === 'none') {
      return convolve(x, weight!, { ...lattice, bias: vectors[0]!, relu: isRelu });
    }
    const y = convolve(x, weight!, lattice);
    if (layer.normalisation === 'batch') {
      const [gamma, beta, runningMean, runningVariance] = vectors;
      const parameters = {
        gamma: gamma!,
        beta: beta!,
        runningMean: runningMean!,
        runningVariance: runningVariance!,
      };
      return batchNorm(y, parameters, { mode: this.mode, ...NORM, relu: isRelu });
    }
    const shifted = shiftNorm(y, vectors[0]!, SHIFT_NORM);
    if (isRelu) return relu(shifted, { label: layer.name });
    return activation === 'elu' ? elu(shifted, { label: layer.name }) : shifted;
  }

  /** Joins a skip to the decoder, as the logarithm of its linear light. */
  fuse(x: SymbolicTensor, skip: SymbolicTensor, layer: DrhtLayer, scale: number): SymbolicTensor {
    const light = logSquare(skip, { scale, offset: OFFSET, label: layer.name });
    return this.apply(concat(x, light, { label: layer.name }), layer, 'none');
  }
}
