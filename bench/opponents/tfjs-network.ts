import * as tf from '@tensorflow/tfjs-core';
import type { NetworkConfig } from '../../src/model/config';
import {
  decoderLayers,
  globalLayers,
  joinLayers,
  type Layer,
  localLayers,
  outputLayer,
} from '../../src/model/layers';

/** Applies a layer including its activation. */
export type ApplyLayer = (x: tf.Tensor4D, layer: Layer) => tf.Tensor4D;

/** The network of `src/model/network.ts` (joined after the last local pair) in operations of TF.js; NHWC. */
export function runNetwork(image: tf.Tensor4D, config: NetworkConfig, apply: ApplyLayer): tf.Tensor4D {
  if (config.join !== 'P') throw new Error('The network of the opponent knows join P only.');
  const skips = localEncoder(image, config, apply);
  const deepest = skips.at(-1)!;
  let x = config.globalEncoder ? join(deepest, globalEncoder(image, config, apply)) : deepest;
  for (const layer of joinLayers(config)) x = apply(x, layer);
  for (const layer of decoderLayers(config)) {
    x = apply(x, layer);
    if (layer.transposed) x = tf.concat([skips[Number(layer.name.split('.')[1])]!, x], 3);
  }
  return apply(x, outputLayer(config));
}

function localEncoder(image: tf.Tensor4D, config: NetworkConfig, apply: ApplyLayer): tf.Tensor4D[] {
  const skips: tf.Tensor4D[] = [];
  let x = image;
  localLayers(config).forEach((layer, index) => {
    if (index > 0 && index % 2 === 0) x = tf.maxPool(x, 2, 2, 'valid');
    x = apply(x, layer);
    if (index % 2 === 1) skips.push(x);
  });
  return skips;
}

function globalEncoder(image: tf.Tensor4D, config: NetworkConfig, apply: ApplyLayer): tf.Tensor4D {
  const side = config.globalSize;
  const same = image.shape[1] === side && image.shape[2] === side;
  let x = same ? image : tf.image.resizeBilinear(image, [side, side], false, true);
  globalLayers(config).forEach((layer, index) => {
    if (index > 0) x = tf.maxPool(x, 2, 2, 'valid');
    x = apply(x, layer);
  });
  return x;
}

function join(local: tf.Tensor4D, feature: tf.Tensor4D): tf.Tensor4D {
  const [batch, height, width] = local.shape;
  const plane = tf.tile(feature, [1, height, width, 1]);
  return tf.concat([local, tf.reshape(plane, [batch, height, width, feature.shape[3]])], 3);
}

/** The convolution of a layer, without bias and activation. */
export function convolve(x: tf.Tensor4D, filter: tf.Tensor4D, layer: Layer): tf.Tensor4D {
  const { transposed, stride, padding, outputs } = layer;
  if (!transposed) return tf.conv2d(x, filter, stride, padding);
  const [batch, height, width] = x.shape;
  return tf.conv2dTranspose(x, filter, [batch, stride * height, stride * width, outputs], stride, padding);
}
