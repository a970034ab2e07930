import { Graph, type SymbolicTensor } from '../graph';
import { buildBilateral, buildBilateralGrid } from '../model/bilateral/network';
import { buildDrht } from '../model/drht/network';
import type { ModelConfig } from '../model/model-config';
import { sizeMultiple } from '../model/model-config';
import { buildGlobalEncoder, buildNetwork } from '../model/network';
import type { StateDict } from '../model/state-dict';
import { lowerToOnnx } from './lower';
import type { FloatType, OnnxGraph } from './onnx-graph';
import type { Picture } from './picture';

interface Parts {
  readonly graph: OnnxGraph;
  readonly picture: Picture;
  /** Folded, if the network's batch norms can be. */
  readonly state: StateDict;
  /** Type of weights and features. */
  readonly type: FloatType;
}

/** Graphs are built for this side, a multiple of every network's requirement; the result runs on any size. */
const NOMINAL_SIDE = 64;

/** Adds a network and returns its output for the picture: float [N, 3, H, W], not clipped. */
export function addNetwork(parts: Parts, config: ModelConfig): string {
  const { picture } = parts;
  if (config.kind === 'bilateral-grid') {
    const { viewSize } = config;
    const encoder = new Graph();
    const view = encoder.input('view', [1, 3, viewSize, viewSize]);
    const encoded = buildBilateralGrid(encoder, view, config, { mode: 'folded' }).output;
    const grid = lowered(parts, encoded, new Map([[view, picture.view(viewSize)]]));

    // Pixels are processed in single precision, as in `enhance/bilateral-model.ts`.
    const pixels = new Graph();
    const photo = pixels.input('photo', [1, 3, NOMINAL_SIDE, NOMINAL_SIDE]);
    const maps = pixels.input('grid', encoded.shape);
    const { output } = buildBilateral(pixels, photo, config, { mode: 'folded', grid: maps });
    return lowered(
      { ...parts, type: 'float' },
      output,
      new Map([
        [photo, picture.pixels],
        [maps, grid],
      ]),
    );
  }
  const graph = new Graph();
  const image = graph.input('image', [1, 3, NOMINAL_SIDE, NOMINAL_SIDE]);
  const inputs = new Map([[image, picture.extended(paddingOf(config))]]);
  if (config.kind === 'drht') {
    const { output } = buildDrht(graph, image, config, { mode: 'inference' });
    return picture.cropped(lowered(parts, output, inputs));
  }
  const options: { mode: 'folded'; global?: SymbolicTensor } = { mode: 'folded' };
  if (config.globalEncoder) {
    const { globalSize } = config;
    const view = graph.input('view', [1, 3, globalSize, globalSize]);
    inputs.set(view, picture.view(globalSize));
    options.global = buildGlobalEncoder(graph, view, config, { mode: 'folded' }).output;
  }
  const { output } = buildNetwork(graph, image, config, options);
  return picture.cropped(lowered(parts, output, inputs));
}

/** DRHT normalises over the bottom of the network and needs more than one value there. */
function paddingOf(config: ModelConfig) {
  const multiple = sizeMultiple(config);
  return { multiple, least: config.kind === 'drht' ? 2 * multiple : multiple };
}

/** Runs a part in the network's own type, converting from and to single precision. */
function lowered(
  { graph, picture: { rows, columns }, state, type }: Parts,
  output: SymbolicTensor,
  given: ReadonlyMap<SymbolicTensor, string>,
): string {
  const isHalf = type === 'float16';
  const inputs = new Map(
    [...given].map(([tensor, name]) => [tensor, isHalf ? graph.cast(name, type) : name]),
  );
  const name = lowerToOnnx(output.graph, output, { graph, rows, columns, type, inputs, state });
  return isHalf ? graph.cast(name, 'float') : name;
}
