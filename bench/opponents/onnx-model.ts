import type { ConvolutionProblem } from '../../src/bench/convolution-problem';
import { DEFAULT_OPSET, IR_VERSIONS } from '../../src/onnx/export';
import { encodeModel } from '../../src/onnx/message';
import { OnnxGraph } from '../../src/onnx/onnx-graph';

/** A model of one convolution with constant weights, `x` to `y`, as bytes of a ModelProto. */
export function convolutionModel(
  { transposed, stride, padding, ...shapes }: ConvolutionProblem,
  weights: Float32Array,
): Uint8Array {
  const graph = new OnnxGraph(DEFAULT_OPSET);
  const inputs = [graph.input('x'), graph.weights('w', shapes.w, weights, 'float')];
  graph.node(
    transposed ? 'ConvTranspose' : 'Conv',
    inputs,
    {
      kernel_shape: shapes.w.slice(2),
      strides: [stride, stride],
      pads: [padding, padding, padding, padding],
    },
    'y',
  );
  const tensor = (name: 'x' | 'y') => ({ name, type: 'float', dims: shapes[name], description: '' }) as const;
  return encodeModel({
    irVersion: IR_VERSIONS[DEFAULT_OPSET]!,
    opset: DEFAULT_OPSET,
    producer: { name: 'glocal', version: '' },
    description: '',
    metadata: {},
    name: 'convolution',
    nodes: graph.nodes,
    initializers: graph.initializers,
    inputs: [tensor('x')],
    outputs: [tensor('y')],
  });
}
