import { PbfWriter } from 'pbf';

/** The parts of onnx.proto3 (github.com/onnx/onnx) needed for an exported network, and their encoding. */

/** Values of TensorProto.DataType. */
export const DATA_TYPE = { float: 1, uint8: 2, int64: 7, float16: 10 } as const;

export type DataType = keyof typeof DATA_TYPE;

/** A constant: `data` is little-endian, in row-major order. */
export interface Initializer {
  readonly name: string;
  readonly type: DataType;
  readonly dims: readonly number[];
  readonly data: Uint8Array;
}

/** An integer, a list of integers, a real number, or text. */
export type Attribute = number | readonly number[] | { readonly float: number } | string;

export interface Node {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** An input or output. Each size is a number, or a name if it is known only at run time. */
export interface ValueInfo {
  readonly name: string;
  readonly type: DataType;
  readonly dims: readonly (number | string)[];
  readonly description: string;
}

export interface Model {
  readonly irVersion: number;
  readonly opset: number;
  readonly producer: { readonly name: string; readonly version: string };
  readonly description: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly initializers: readonly Initializer[];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
}

/** Values of AttributeProto.AttributeType. */
const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, ints: 7 } as const;

/** Encodes a ModelProto. */
export function encodeModel(model: Model): Uint8Array<ArrayBuffer> {
  const writer = new PbfWriter();
  writer.writeVarintField(1, model.irVersion);
  writer.writeStringField(2, model.producer.name);
  writer.writeStringField(3, model.producer.version);
  writer.writeStringField(6, model.description);
  writer.writeMessage(7, writeGraph, model);
  writer.writeMessage(8, (version, message) => message.writeVarintField(2, version), model.opset);
  for (const entry of Object.entries(model.metadata)) {
    writer.writeMessage(14, writeMetadata, entry);
  }
  return new Uint8Array(writer.finish());
}

function writeGraph({ nodes, name, initializers, inputs, outputs }: Model, writer: PbfWriter): void {
  for (const node of nodes) writer.writeMessage(1, writeNode, node);
  writer.writeStringField(2, name);
  for (const initializer of initializers) writer.writeMessage(5, writeInitializer, initializer);
  for (const input of inputs) writer.writeMessage(11, writeValueInfo, input);
  for (const output of outputs) writer.writeMessage(12, writeValueInfo, output);
}

function writeNode({ inputs, outputs, operator, attributes }: Node, writer: PbfWriter): void {
  for (const input of inputs) writer.writeStringField(1, input);
  for (const output of outputs) writer.writeStringField(2, output);
  writer.writeStringField(3, outputs[0]!);
  writer.writeStringField(4, operator);
  for (const entry of Object.entries(attributes)) writer.writeMessage(5, writeAttribute, entry);
}

function writeAttribute([name, value]: [string, Attribute], writer: PbfWriter): void {
  writer.writeStringField(1, name);
  if (typeof value === 'number') {
    writer.writeVarintField(3, value);
    writer.writeVarintField(20, ATTRIBUTE_TYPE.int);
  } else if (typeof value === 'string') {
    writer.writeStringField(4, value);
    writer.writeVarintField(20, ATTRIBUTE_TYPE.string);
  } else if ('float' in value) {
    writer.writeFloatField(2, value.float);
    writer.writeVarintField(20, ATTRIBUTE_TYPE.float);
  } else {
    for (const item of value) writer.writeVarintField(8, item);
    writer.writeVarintField(20, ATTRIBUTE_TYPE.ints);
  }
}

function writeInitializer({ name, type, dims, data }: Initializer, writer: PbfWriter): void {
  for (const size of dims) writer.writeVarintField(1, size);
  writer.writeVarintField(2, DATA_TYPE[type]);
  writer.writeStringField(8, name);
  writer.writeBytesField(9, data);
}

function writeValueInfo({ name, type, dims, description }: ValueInfo, writer: PbfWriter): void {
  writer.writeStringField(1, name);
  writer.writeMessage(2, writeType, { type, dims });
  writer.writeStringField(3, description);
}

type TensorType = Pick<ValueInfo, 'type' | 'dims'>;

/** A TypeProto: field 1 is the tensor type, with its element type and a message of sizes. */
function writeType(given: TensorType, writer: PbfWriter): void {
  writer.writeMessage(1, writeTensorType, given);
}

function writeTensorType({ type, dims }: TensorType, writer: PbfWriter): void {
  writer.writeVarintField(1, DATA_TYPE[type]);
  writer.writeMessage(2, writeShape, dims);
}

function writeShape(dims: TensorType['dims'], writer: PbfWriter): void {
  for (const size of dims) writer.writeMessage(1, writeSize, size);
}

function writeSize(size: number | string, writer: PbfWriter): void {
  if (typeof size === 'number') writer.writeVarintField(1, size);
  else writer.writeStringField(2, size);
}

function writeMetadata([key, value]: [string, string], writer: PbfWriter): void {
  writer.writeStringField(1, key);
  writer.writeStringField(2, value);
}
