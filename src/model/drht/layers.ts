import { type Layer, type ParameterSpec, weightShape } from '../layers';
import type { DrhtConfig } from './config';

/**
 * DRHT ("Image correction via deep reciprocating HDR transformation", Yang et al., CVPR 2018), following the
 * approximation released by its authors: one network from a photo to linear HDR light (`hdr.*`, after Eilertsen et
 * al. 2017) and one from there back to a photo (`ldr.*`).
 */
export interface DrhtLayer extends Layer {
  readonly paddingAfter: number;
  /**
   * `batch`: batch norm with gain, shift and running statistics. `shift`: batch norm with a shift only, always using
   * the statistics of the current image, in training and inference. `none`: a bias.
   */
  readonly normalisation: 'batch' | 'shift' | 'none';
}

const IMAGE_CHANNELS = 3;

/** VGG-16: for each stage before its pooling, filters in units of the width and the number of 3x3 convolutions. */
const HDR_ENCODER = [
  { filters: 1, convolutions: 2 },
  { filters: 2, convolutions: 2 },
  { filters: 4, convolutions: 3 },
  { filters: 8, convolutions: 3 },
  { filters: 8, convolutions: 3 },
] as const;

/** Kernel, stride, and filters in units of the width. */
const LDR_ENCODER = [
  { kernel: 1, stride: 1, filters: 1 },
  { kernel: 7, stride: 2, filters: 1 },
  { kernel: 5, stride: 2, filters: 2 },
  { kernel: 3, stride: 2, filters: 4 },
  { kernel: 3, stride: 2, filters: 4 },
  { kernel: 3, stride: 2, filters: 8 },
] as const;

/** From the bottom up; each step joins the encoder's features of the same size. */
const LDR_DECODER = [
  { kernel: 3, filters: 4 },
  { kernel: 3, filters: 4 },
  { kernel: 3, filters: 2 },
  { kernel: 5, filters: 1 },
  { kernel: 7, filters: 1 },
] as const;

/** Encoder stages of the first network, from full resolution down: `hdr.encoder.0.conv1`, ... */
export function hdrEncoderLayers({ width }: DrhtConfig): DrhtLayer[][] {
  let inputs = IMAGE_CHANNELS;
  return HDR_ENCODER.map(({ filters, convolutions }, stage) =>
    Array.from({ length: convolutions }, (_, index) => {
      const outputs = filters * width;
      const name = `hdr.encoder.${stage}.conv${index + 1}`;
      const layer = convolution(name, { inputs, outputs, kernel: 3 }, 'none');
      inputs = outputs;
      return layer;
    }),
  );
}

/** The convolution at the bottom of the first network. */
export function hdrMiddleLayer({ width }: DrhtConfig): DrhtLayer {
  const channels = filtersAt(HDR_ENCODER.length - 1) * width;
  return convolution('hdr.middle.conv', { inputs: channels, outputs: channels, kernel: 3 }, 'batch');
}

/** One step of the first network's decoder: a layer, and the 1x1 convolution that joins a skip to its output. */
interface HdrDecoderStep {
  readonly up: DrhtLayer;
  readonly fuse: DrhtLayer;
}

/** From the bottom (`hdr.decoder.4`, joins stage 4 of the encoder) to full resolution (`hdr.decoder.0`). */
export function hdrDecoderSteps({ width }: DrhtConfig): HdrDecoderStep[] {
  let inputs = filtersAt(HDR_ENCODER.length - 1) * width;
  return HDR_ENCODER.map((_, index) => {
    const stage = HDR_ENCODER.length - 1 - index;
    const outputs = filtersAt(stage) * width;
    const name = `hdr.decoder.${stage}`;
    const up: DrhtLayer = {
      ...{ name: `${name}.up`, norm: `${name}.up_bn`, normalisation: 'batch', transposed: true },
      ...{ inputs, outputs, kernel: 4, stride: 2, padding: 1, paddingAfter: 1 },
    };
    inputs = outputs;
    return { up, fuse: fusion(name, outputs) };
  });
}

/** The last layer of the first network, and the convolution that joins the photo to it. */
export function hdrOutputStep({ width }: DrhtConfig): HdrDecoderStep {
  const sizes = { inputs: width, outputs: IMAGE_CHANNELS, kernel: 1 };
  return {
    up: convolution('hdr.output.conv', sizes, 'batch'),
    fuse: fusion('hdr.output', IMAGE_CHANNELS),
  };
}

/** `ldr.encoder.0` at full resolution to `ldr.encoder.5`. */
export function ldrEncoderLayers({ width }: DrhtConfig): DrhtLayer[] {
  let inputs = IMAGE_CHANNELS;
  return LDR_ENCODER.map(({ kernel, stride, filters }, index) => {
    const outputs = filters * width;
    const layer: DrhtLayer = {
      ...shiftNormed(`ldr.encoder.${index}.conv`, `ldr.encoder.${index}.bn`),
      ...{ transposed: false, inputs, outputs, kernel, stride, ...samePadding(kernel, stride) },
    };
    inputs = outputs;
    return layer;
  });
}

/** `ldr.decoder.4` (joins `ldr.encoder.4`) to `ldr.decoder.0` at full resolution. */
export function ldrDecoderLayers({ width }: DrhtConfig): DrhtLayer[] {
  let inputs = LDR_ENCODER[LDR_ENCODER.length - 1]!.filters * width;
  return LDR_DECODER.map(({ kernel, filters }, index) => {
    const level = LDR_DECODER.length - 1 - index;
    const outputs = filters * width;
    const layer: DrhtLayer = {
      ...shiftNormed(`ldr.decoder.${level}.up`, `ldr.decoder.${level}.up_bn`),
      ...{ transposed: true, inputs, outputs, kernel, stride: 2, ...samePadding(kernel, 2) },
    };
    inputs = outputs;
    return layer;
  });
}

export function ldrOutputLayer({ width }: DrhtConfig): DrhtLayer {
  return {
    ...shiftNormed('ldr.output.conv', 'ldr.output.bn'),
    ...{ transposed: false, inputs: width, outputs: IMAGE_CHANNELS, kernel: 1, stride: 1 },
    ...samePadding(1, 1),
  };
}

/** All layers, in forward order. */
export function drhtLayers(config: DrhtConfig): DrhtLayer[] {
  return [
    ...hdrEncoderLayers(config).flat(),
    hdrMiddleLayer(config),
    ...[...hdrDecoderSteps(config), hdrOutputStep(config)].flatMap(({ up, fuse }) => [up, fuse]),
    ...ldrEncoderLayers(config),
    ...ldrDecoderLayers(config),
    ldrOutputLayer(config),
  ];
}

/**
 * The variables of a layer. The released convolutions also have biases before their batch norms; these have no effect
 * and are left out.
 */
export function drhtLayerParameters(layer: DrhtLayer): ParameterSpec[] {
  const { name, norm, normalisation, outputs } = layer;
  const vector = (key: string, trainable = true) => ({ name: key, shape: [outputs], trainable });
  const weight = { name: `${name}.weight`, shape: weightShape(layer), trainable: true };
  switch (normalisation) {
    case 'none':
      return [weight, vector(`${name}.bias`)];
    case 'shift':
      return [weight, vector(`${norm}.bias`)];
    case 'batch':
      return [
        ...[weight, vector(`${norm}.weight`), vector(`${norm}.bias`)],
        ...[vector(`${norm}.running_mean`, false), vector(`${norm}.running_var`, false)],
      ];
  }
}

/** The variables of both networks. */
export function drhtParameters(config: DrhtConfig): ParameterSpec[] {
  return drhtLayers(config).flatMap(drhtLayerParameters);
}

const filtersAt = (stage: number): number => HDR_ENCODER[stage]!.filters;

const shiftNormed = (name: string, norm: string) => ({ name, norm, normalisation: 'shift' }) as const;

/** A convolution of stride 1 that keeps height and width. */
function convolution(
  name: string,
  sizes: { readonly inputs: number; readonly outputs: number; readonly kernel: number },
  normalisation: 'batch' | 'none',
): DrhtLayer {
  const norm = normalisation === 'batch' ? { norm: name.replace(/conv$/, 'bn') } : {};
  return {
    name,
    ...norm,
    normalisation,
    transposed: false,
    ...sizes,
    stride: 1,
    ...samePadding(sizes.kernel, 1),
  };
}

/** [decoder, skip] to the decoder's number of channels. */
const fusion = (name: string, outputs: number): DrhtLayer =>
  convolution(`${name}.fuse`, { inputs: 2 * outputs, outputs, kernel: 1 }, 'none');

/** TensorFlow's SAME padding for sizes divisible by the stride: kernel - stride zeros, the smaller half first. */
function samePadding(kernel: number, stride: number): { padding: number; paddingAfter: number } {
  const padding = Math.floor((kernel - stride) / 2);
  return { padding, paddingAfter: kernel - stride - padding };
}
