import { elementCount } from '../kernels/tensor';
import type { NetworkConfig } from '../model/config';
import { allLayers, type Layer, weightShape } from '../model/layers';

/** The network for `--width`, as in training. */
interface NetworkSize {
  readonly config: NetworkConfig;
  readonly batch: number;
  /** Side of the image in pixels. */
  readonly size: number;
}

/** Operations of all convolutions in one forward pass by the direct method; a multiply-add counts as two. */
export function forwardFlops(network: NetworkSize): number {
  return sum(allLayers(network.config), (layer) => layerFlops(layer, network));
}

/** Forward pass, weight gradients, and input gradients except in the layers that see the photo. */
export function trainingFlops(network: NetworkSize): number {
  return sum(allLayers(network.config), (layer) => {
    const seesPhoto = /^(local|global)\.0\.conv1?$/.test(layer.name);
    return (seesPhoto ? 2 : 3) * layerFlops(layer, network);
  });
}

function layerFlops(layer: Layer, { config, batch, size }: NetworkSize): number {
  const [part, index] = layer.name.split('.');
  const level = part === 'join' ? 4 : part === 'output' ? 0 : Number(index);
  const side = (part === 'global' ? config.globalSize : size) / 2 ** level;
  // Without padding the kernel covers the whole plane; a transposed one visits each input position once.
  const positions = layer.padding === 0 && layer.kernel > 1 ? 1 : (side / (layer.transposed ? 2 : 1)) ** 2;
  return 2 * batch * elementCount(weightShape(layer)) * positions;
}

const sum = (layers: readonly Layer[], of: (layer: Layer) => number): number =>
  layers.reduce((total, layer) => total + of(layer), 0);
