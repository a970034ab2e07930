import { ShapeError } from '../../errors';
import type { Graph, SymbolicTensor } from '../../graph/graph';
import { add, bilateralSlice, power, relu, replicate, resizeBilinear } from '../../graph/operators';
import type { Network, NetworkMode } from '../layer-builder';
import { LayerBuilder } from '../layer-builder';
import type { BilateralConfig } from './config';
import { globalLayers, guideLayers, headLayer, localLayers, SHARED_LAYERS } from './layers';

/**
 * Builds the bilateral-grid network on photos [N, 3, S, S] in [0, 1], where S is `viewSize` times a power of two
 * (1/2, 1, 2, ...). A local and a global encoder (Kinoshita and Kiya 2019) see the photo area-averaged to `viewSize`.
 * Their joined features become a grid of affine colour maps, which each pixel looks up by position and by a learnt
 * guide (Gharbi et al. 2017).
 *
 * @param options `grid` from `buildBilateralGrid` replaces the encoders; the photo may then have any size.
 * @throws ShapeError if the photo does not fit.
 */
export function buildBilateral(
  graph: Graph,
  photo: SymbolicTensor,
  config: BilateralConfig,
  options: { readonly mode: NetworkMode; readonly grid?: SymbolicTensor },
): Network {
  const builder = new LayerBuilder(graph, { mode: options.mode, ...config });
  const grid = options.grid ?? gridOf(builder, viewOf(photo, config.viewSize), config);
  const colours = encoded(photo, 'photo');
  const guide = guideLayers(config).reduce(
    (x, layer, index) => builder.apply(x, layer, { relu: index === 0 }),
    colours,
  );
  const output = relu(bilateralSlice(grid, guide, colours, { label: 'output' }), { label: 'output' });
  return { output, ...builder.variables() };
}

/**
 * The part of the network that sees the whole photo: from its view [N, 3, viewSize, viewSize] in [0, 1] to the grid
 * [N, 12 levels, gridSize, gridSize].
 */
export function buildBilateralGrid(
  graph: Graph,
  view: SymbolicTensor,
  config: BilateralConfig,
  { mode }: { readonly mode: NetworkMode },
): Network {
  const builder = new LayerBuilder(graph, { mode, ...config });
  return { output: gridOf(builder, view, config), ...builder.variables() };
}

function gridOf(builder: LayerBuilder, view: SymbolicTensor, config: BilateralConfig): SymbolicTensor {
  const layers = localLayers(config);
  const last = layers.length - 1;
  let local = encoded(view, 'view');
  let global = local;
  for (const [index, layer] of layers.entries()) {
    if (index === SHARED_LAYERS) global = local;
    local = builder.apply(local, layer, { relu: index < last });
  }
  const globals = globalLayers(config);
  for (const [index, layer] of globals.entries()) {
    global = builder.apply(global, layer, { relu: index < globals.length - 1 });
  }
  const [, , height, width] = local.shape;
  const joined = add(local, replicate(global, { height, width, label: 'join' }), { label: 'join' });
  return builder.apply(relu(joined, { label: 'join' }), headLayer(config), { relu: false });
}

/** Square roots give dark tones more room, roughly as the eye does. */
const encoded = (image: SymbolicTensor, label: string): SymbolicTensor =>
  power(image, { exponent: 0.5, factor: 1, label });

/**
 * The photo at the side of the view. With half-pixel centres each halving is the mean of 2 x 2 pixels; smaller photos
 * are enlarged.
 */
function viewOf(photo: SymbolicTensor, viewSize: number): SymbolicTensor {
  const [, channels, height, width] = photo.shape;
  const halvings = Math.log2(height / viewSize);
  if (channels !== 3 || height !== width || !Number.isInteger(halvings)) {
    throw new ShapeError(
      `The bilateral-grid network takes [N, 3, S, S], S being ${viewSize} times a power of two, not ` +
        `${photo.name} [${photo.shape.join(', ')}].`,
    );
  }
  if (halvings < 0) return resizeBilinear(photo, { height: viewSize, width: viewSize, label: 'view' });
  let view = photo;
  for (let side = height / 2; side >= viewSize; side /= 2) {
    view = resizeBilinear(view, { height: side, width: side, label: 'view' });
  }
  return view;
}
