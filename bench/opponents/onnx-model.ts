import { Writer } from 'protobufjs/minimal';
import type { ConvolutionProblem } from '../../src/bench/convolution-problem';

/** Numbers of fields in onnx.proto3 (https://github.com/onnx/onnx), by message. */
const MODEL = { irVersion: 1, graph: 7, opsetImport: 8 };
const OPSET = { version: 2 };
const GRAPH = { node: 1, name: 2, initializer: 5, input: 11, output: 12 };
const NODE = { input: 1, output: 2, opType: 4, attribute: 5 };
const ATTRIBUTE = { name: 1, ints: 8, type: 20 };
const TENSOR = { dims: 1, dataType: 2, name: 8, rawData: 9 };
const VALUE = { name: 1, type: 2 };
const INTS = 7;
const FLOAT = 1;

/** Types on the wire. */
const VARINT = 0;
const BYTES = 2;

const tag = (field: number, wire: number): number => (field << 3) | wire;

/** A model of one convolution with constant weights, `x` to `y`, as bytes of a ModelProto. */
export function convolutionModel(
  problem: ConvolutionProblem,
  weights: Float32Array<ArrayBuffer>,
): Uint8Array {
  const graph = new Writer();
  message(graph, GRAPH.node, nodeOf(problem));
  graph.uint32(tag(GRAPH.name, BYTES)).string('convolution');
  message(graph, GRAPH.initializer, tensorOf('w', problem.w, weights));
  message(graph, GRAPH.input, valueInfo('x', problem.x));
  message(graph, GRAPH.output, valueInfo('y', problem.y));
  const model = new Writer();
  model.uint32(tag(MODEL.irVersion, VARINT)).int64(8);
  message(model, MODEL.graph, graph);
  message(model, MODEL.opsetImport, new Writer().uint32(tag(OPSET.version, VARINT)).int64(17));
  return model.finish();
}

function nodeOf({ transposed, w, stride, padding }: ConvolutionProblem): Writer {
  const node = new Writer();
  for (const name of ['x', 'w']) node.uint32(tag(NODE.input, BYTES)).string(name);
  node.uint32(tag(NODE.output, BYTES)).string('y');
  node.uint32(tag(NODE.opType, BYTES)).string(transposed ? 'ConvTranspose' : 'Conv');
  message(node, NODE.attribute, intsOf('kernel_shape', [w[2], w[3]]));
  message(node, NODE.attribute, intsOf('strides', [stride, stride]));
  message(node, NODE.attribute, intsOf('pads', [padding, padding, padding, padding]));
  return node;
}

function intsOf(name: string, values: readonly number[]): Writer {
  const attribute = new Writer().uint32(tag(ATTRIBUTE.name, BYTES)).string(name);
  for (const value of values) attribute.uint32(tag(ATTRIBUTE.ints, VARINT)).int64(value);
  return attribute.uint32(tag(ATTRIBUTE.type, VARINT)).int32(INTS);
}

function tensorOf(name: string, shape: readonly number[], data: Float32Array<ArrayBuffer>): Writer {
  const tensor = new Writer();
  for (const size of shape) tensor.uint32(tag(TENSOR.dims, VARINT)).int64(size);
  tensor.uint32(tag(TENSOR.dataType, VARINT)).int32(FLOAT);
  tensor.uint32(tag(TENSOR.name, BYTES)).string(name);
  return tensor.uint32(tag(TENSOR.rawData, BYTES)).bytes(new Uint8Array(data.buffer));
}

/** name, type { tensor_type (1) { elem_type (1), shape (2) { dim (1) { dim_value (1) } } } } */
function valueInfo(name: string, shape: readonly number[]): Writer {
  const sizes = new Writer();
  for (const size of shape) message(sizes, 1, new Writer().uint32(tag(1, VARINT)).int64(size));
  const tensorType = new Writer().uint32(tag(1, VARINT)).int32(FLOAT);
  message(tensorType, 2, sizes);
  const type = new Writer();
  message(type, 1, tensorType);
  const value = new Writer().uint32(tag(VALUE.name, BYTES)).string(name);
  message(value, VALUE.type, type);
  return value;
}

/** A message within a message. */
function message(outer: Writer, field: number, inner: Writer): void {
  outer.uint32(tag(field, BYTES)).bytes(inner.finish());
}
