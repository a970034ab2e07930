import { type NetworkConfig, SIZE_MULTIPLE } from '../model/config';
import { decoderLayers, joinLayers, type Layer, localLayers, outputLayer } from '../model/layers';
import type { Span } from './tiles';

/** Pixels by which the convolutions of each level widen the receptive field, from full resolution to the bottom. */
export interface LocalPath {
  readonly encoder: readonly number[];
  /** One level fewer: the bottom has no decoder. */
  readonly decoder: readonly number[];
}

/** The local path of a network: encoder, the layers after the join, decoder and output layer. */
export function localPath(config: NetworkConfig): LocalPath {
  const levels = Math.log2(SIZE_MULTIPLE);
  const encoder = new Array<number>(levels + 1).fill(0);
  const decoder = new Array<number>(levels).fill(0);
  const level = ({ name }: Layer) => Number(name.split('.')[1]);
  for (const layer of localLayers(config)) encoder[level(layer)]! += layer.padding;
  for (const layer of joinLayers(config)) encoder[levels]! += layer.padding;
  for (const layer of decoderLayers(config)) if (!layer.transposed) decoder[level(layer)]! += layer.padding;
  decoder[0]! += outputLayer(config).padding;
  return { encoder, decoder };
}

/**
 * The input pixels along one axis that the outputs in a span depend on, including through skips and ignoring borders.
 * Runs backwards: down the decoder from the output, then up the encoder to the input.
 */
export function dependsOn(outputs: Span, { encoder, decoder }: LocalPath): Span {
  const skips: Span[] = [];
  let span = outputs;
  for (const radius of decoder) {
    span = grow(span, radius);
    skips.push(span);
    span = beforeTransposed(span);
  }
  for (let level = encoder.length - 1; level > 0; level--) {
    span = union(beforePool(grow(span, encoder[level]!)), skips[level - 1]!);
  }
  return grow(span, encoder[0]!);
}

/** Pixels around an aligned tile that it depends on, rounded up to the alignment: the overlap of windows. */
export function haloOf(config: NetworkConfig): number {
  const { start, end } = dependsOn({ start: 0, end: SIZE_MULTIPLE }, localPath(config));
  return Math.ceil(Math.max(-start, end - SIZE_MULTIPLE) / SIZE_MULTIPLE) * SIZE_MULTIPLE;
}

const grow = ({ start, end }: Span, radius: number): Span => ({ start: start - radius, end: end + radius });
const union = (a: Span, b: Span): Span => ({
  start: Math.min(a.start, b.start),
  end: Math.max(a.end, b.end),
});

/** A 2x2 max pool with stride 2 makes output i from inputs 2i and 2i + 1. */
const beforePool = ({ start, end }: Span): Span => ({ start: 2 * start, end: 2 * end });

/** A 4x4 transposed convolution, stride 2, padding 1: output o takes input i where 0 <= o + 1 - 2i <= 3. */
const beforeTransposed = ({ start, end }: Span): Span => ({
  start: Math.ceil((start - 2) / 2),
  end: Math.floor(end / 2) + 1,
});
