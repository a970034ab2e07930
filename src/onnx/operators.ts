import { GraphError } from '../errors';
import type { GraphNode } from '../graph/graph';
import { MAP_SIZE } from '../kernels/bilateral-slice';
import type { Shape } from '../kernels/tensor';
import type { Axis } from './axis';
import type { FloatType, OnnxGraph } from './onnx-graph';

/** The graph that an operator is translated into. */
export interface Target {
  readonly graph: OnnxGraph;
  /** Type of all numbers of the network. */
  readonly type: FloatType;
  /** Axes of the picture. */
  readonly rows: Axis;
  readonly columns: Axis;
}

/** The inputs of an operator, by their ONNX names, and its attributes. */
export interface Application {
  readonly node: GraphNode;
  readonly inputs: readonly string[];
  readonly attributes: Readonly<Record<string, number | boolean>>;
  /** A tensor of the output's height and width, if they differ from the input's. */
  readonly like: string | undefined;
}

type Translation = (target: Target, application: Application) => string;

/** Adds the ONNX equivalent of one graph node and returns the name of its output. */
export function translate(target: Target, application: Application): string {
  const { operator, label } = application.node;
  const translation = TRANSLATIONS[operator];
  if (!translation)
    throw new GraphError(`${operator} (${label}) has no translation to ONNX in onnx/operators.ts.`);
  return translation(target, application);
}

/** Translations of the graph's operators into one or several of ONNX. */
const TRANSLATIONS: Readonly<Record<string, Translation>> = {
  conv2d: (target, application) => convolution('Conv', target, application),
  convTranspose2d: (target, application) => convolution('ConvTranspose', target, application),
  maxPool2x2: ({ graph }, { inputs }) =>
    graph.node('MaxPool', inputs, { kernel_shape: [2, 2], strides: [2, 2] }),
  concat: ({ graph }, { inputs }) => graph.node('Concat', inputs, { axis: 1 }),
  add: ({ graph }, { inputs }) => graph.node('Add', inputs),
  relu: ({ graph }, { inputs }) => graph.node('Relu', inputs),
  elu: ({ graph }, { inputs }) => graph.node('Elu', inputs),
  sumProduct: ({ graph }, { inputs }) =>
    graph.node('Add', [graph.node('Add', inputs), graph.node('Mul', inputs)]),
  replicate({ graph }, { inputs: [x], like }) {
    const plane = graph.slice(graph.node('Shape', [like!]), 0, 2, 4);
    const shape = graph.node('Concat', [graph.integers([1, 1]), plane], { axis: 0 });
    return graph.node('Expand', [x!, shape]);
  },
  /** Resizes to the size of the graph node. */
  resizeBilinear({ graph }, { node, inputs: [x] }) {
    const sizes = graph.integers(node.outputs[0]!.shape);
    const attributes = { mode: 'linear', coordinate_transformation_mode: 'half_pixel' };
    return graph.node('Resize', [x!, '', '', sizes], attributes);
  },
  log: ({ graph, type }, { inputs: [x], attributes: { scale, offset } }) =>
    graph.node('Log', [affine(graph, x!, Number(scale), Number(offset), type)]),
  logSquare({ graph, type }, { inputs: [x], attributes: { scale, offset } }) {
    const scaled = affine(graph, x!, Number(scale), 0, type);
    return graph.node('Log', [
      graph.node('Add', [graph.node('Mul', [scaled, scaled]), graph.real(Number(offset), type)]),
    ]);
  },
  power({ graph, type }, { inputs: [x], attributes: { exponent, factor } }) {
    const base = graph.node('Relu', [x!]);
    const power =
      exponent === 0.5
        ? graph.node('Sqrt', [base])
        : graph.node('Pow', [base, graph.real(Number(exponent), type)]);
    return affine(graph, power, Number(factor), 0, type);
  },
  hdrBlend({ graph, type }, { inputs: [photo, prediction], attributes: { threshold, offset } }) {
    const above = affine(graph, graph.reduce('ReduceMax', photo!, [1]), 1, -Number(threshold), type);
    const scaled = graph.node('Div', [above, graph.real(1 - Number(threshold), type)]);
    const share = graph.node('Clip', [scaled, graph.real(0, type), graph.real(1, type)]);
    const predicted = graph.node('Relu', [
      affine(graph, graph.node('Exp', [prediction!]), 1, -Number(offset), type),
    ]);
    const kept = graph.node('Mul', [
      graph.node('Sub', [graph.real(1, type), share]),
      graph.node('Mul', [photo!, photo!]),
    ]);
    return graph.node('Add', [kept, graph.node('Mul', [share, predicted])]);
  },
  batchNormInference({ graph }, { inputs, attributes: { eps, relu } }) {
    const y = graph.node('BatchNormalization', inputs, { epsilon: { float: Number(eps) } });
    return relu ? graph.node('Relu', [y]) : y;
  },
  /** Uses the statistics of the current batch. The second input is a gain of one. */
  shiftNormTraining({ graph, type }, { inputs: [x, , shift], attributes: { eps } }) {
    const mean = (y: string) => graph.reduce('ReduceMean', y, [0, 2, 3]);
    // Computed twice: the rounding error in the mean of many large numbers can exceed a small deviation from it.
    const near = graph.node('Sub', [x!, mean(x!)]);
    const centred = graph.node('Sub', [near, mean(near)]);
    const variance = mean(graph.node('Mul', [centred, centred]));
    const deviation = graph.node('Sqrt', [affine(graph, variance, 1, Number(eps), type)]);
    const perChannel = graph.node('Unsqueeze', [shift!, graph.integers([1, 2])]);
    return graph.node('Add', [graph.node('Div', [centred, deviation]), perChannel]);
  },
  bilateralSlice,
};

function convolution(operator: string, { graph }: Target, { node, inputs, attributes }: Application): string {
  const [, w, bias] = node.inputs;
  const { stride, padding, paddingAfter, relu } = attributes;
  const [before, after] = [Number(padding), Number(paddingAfter)];
  const y = graph.node(operator, bias ? inputs : inputs.slice(0, 2), {
    kernel_shape: w!.shape.slice(2),
    strides: [Number(stride), Number(stride)],
    pads: [before, before, after, after],
  });
  return relu ? graph.node('Relu', [y]) : y;
}

/** scale x + offset. */
function affine(graph: OnnxGraph, x: string, scale: number, offset: number, type: FloatType): string {
  const scaled = scale === 1 ? x : graph.node('Mul', [x, graph.real(scale, type)]);
  return offset === 0 ? scaled : graph.node('Add', [scaled, graph.real(offset, type)]);
}

/** Channels in a row of the colour map: three colours and an offset. */
const ROW = MAP_SIZE / 3;

/**
 * The map of each pixel is the sum over all levels, weighted by max(0, 1 - distance from the pixel's depth), so at
 * most two levels contribute. Within a level, two matrix products spread the maps over the picture, one row of the
 * map at a time, so that no tensor has more than four numbers per pixel.
 */
function bilateralSlice(target: Target, { node, inputs }: Application): string {
  const { graph, rows, columns, type } = target;
  const [grid, guide, colours] = inputs as [string, string, string];
  const [, channels, side] = node.inputs[0]!.shape as Shape;
  const levels = channels / MAP_SIZE;
  const weights = levelWeights(graph, guide, levels, type);
  // [N, channels, H, side] times a matrix [side, W].
  const tall = graph.node('MatMul', [rows.spread(side), grid]);
  const wide = graph.node('Transpose', [columns.spread(side)], { perm: [1, 0] });
  const outputs = [0, 1, 2].map((row) => {
    const terms = weights.map((weight, level) => {
      const from = MAP_SIZE * level + ROW * row;
      const map = graph.node('MatMul', [graph.slice(tall, 1, from, from + ROW), wide]);
      return graph.node('Mul', [map, weight]);
    });
    const map = terms.reduce((sum, term) => graph.node('Add', [sum, term]));
    const products = graph.node('Mul', [graph.slice(map, 1, 0, 3), colours]);
    const sum = graph.node('ReduceSum', [products, graph.integers([1])], { keepdims: 1 });
    return graph.node('Add', [sum, graph.slice(map, 1, 3, 4)]);
  });
  return graph.node('Concat', outputs, { axis: 1 });
}

/** The weight [N, 1, H, W] of each level, from the guide. */
function levelWeights(graph: OnnxGraph, guide: string, levels: number, type: FloatType): string[] {
  const magnitude = affine(graph, graph.node('Abs', [guide]), 1, 1, type);
  const squashed = affine(graph, graph.node('Div', [guide, magnitude]), 1, 1, type);
  const depth = graph.node('Clip', [
    affine(graph, squashed, levels / 2, -0.5, type),
    graph.real(0, type),
    graph.real(levels - 1, type),
  ]);
  return Array.from({ length: levels }, (_, level) => {
    const distance = graph.node('Abs', [affine(graph, depth, 1, -level, type)]);
    return graph.node('Relu', [graph.node('Sub', [graph.real(1, type), distance])]);
  });
}
