import { toHalves } from '../half';
import { type Attribute, DATA_TYPE, type DataType, type Initializer, type Node } from './message';

/** Tensor types for real numbers. */
export type FloatType = 'float' | 'float16';

/** Collects nodes and constants. A tensor is identified by its name; names are made unique. */
export class OnnxGraph {
  readonly #nodes: Node[] = [];
  readonly #initializers: Initializer[] = [];
  readonly #names = new Set<string>();
  readonly #constants = new Map<string, string>();

  /** @param opset version of the operators. */
  constructor(readonly opset: number) {}

  get nodes(): readonly Node[] {
    return this.#nodes;
  }

  /** The constants that nodes read. */
  get initializers(): readonly Initializer[] {
    const read = new Set(this.#nodes.flatMap(({ inputs }) => inputs));
    return this.#initializers.filter(({ name }) => read.has(name));
  }

  /** Reserves the name of an input. */
  input(name: string): string {
    return this.#unused(name);
  }

  /**
   * Adds a node with one output.
   *
   * @param name of the output; a number is appended if it is taken. Default: the operator's name.
   */
  node(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    name: string = operator.toLowerCase(),
  ): string {
    const output = this.#unused(name);
    this.#nodes.push({ operator, inputs, outputs: [output], attributes });
    return output;
  }

  /** Real numbers that belong to the network: its weights. */
  weights(name: string, dims: readonly number[], data: Float32Array, type: FloatType): string {
    return this.#add(name, dims, type, bytesOf(data, type));
  }

  /** Real numbers; equal ones are stored once. */
  reals(values: readonly number[], dims: readonly number[], type: FloatType = 'float'): string {
    return this.#once(type, dims, values, () => bytesOf(Float32Array.from(values), type));
  }

  /** A real number. */
  real(value: number, type: FloatType = 'float'): string {
    return this.reals([value], [], type);
  }

  /** A vector of integers; equal ones are stored once. */
  integers(values: readonly number[]): string {
    return this.#once('int64', [values.length], values, () => integerBytes(values));
  }

  /** An integer. */
  integer(value: number): string {
    return this.#once('int64', [], [value], () => integerBytes([value]));
  }

  /** Converts to another type. */
  cast(x: string, type: DataType, name?: string): string {
    return this.node('Cast', [x], { to: DATA_TYPE[type] }, name);
  }

  /** The mean or maximum over axes, which are kept with length 1. From version 18 on the axes are an input. */
  reduce(operator: 'ReduceMean' | 'ReduceMax', x: string, axes: readonly number[]): string {
    return this.opset < 18
      ? this.node(operator, [x], { axes, keepdims: 1 })
      : this.node(operator, [x, this.integers(axes)], { keepdims: 1 });
  }

  /** Part of one axis, from `start` up to but excluding `end`. */
  slice(x: string, axis: number, start: number, end: number): string {
    const bounds = [[start], [end], [axis]].map((values) => this.integers(values));
    return this.node('Slice', [x, ...bounds]);
  }

  #once(type: DataType, dims: readonly number[], values: readonly number[], bytes: () => Uint8Array): string {
    const key = `${type} [${dims}] ${values.map((value) => (Object.is(value, -0) ? '-0' : value))}`;
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const name = this.#add('constant', dims, type, bytes());
    this.#constants.set(key, name);
    return name;
  }

  #add(wanted: string, dims: readonly number[], type: DataType, data: Uint8Array): string {
    const name = this.#unused(wanted);
    this.#initializers.push({ name, type, dims, data });
    return name;
  }

  #unused(wanted: string): string {
    let name = wanted;
    for (let count = 2; this.#names.has(name); count++) name = `${wanted}:${count}`;
    this.#names.add(name);
    return name;
  }
}

/** Little-endian on every machine. */
function bytesOf(values: Float32Array, type: FloatType): Uint8Array {
  const size = type === 'float' ? 4 : 2;
  const bytes = new Uint8Array(size * values.length);
  const view = new DataView(bytes.buffer);
  if (type === 'float') for (const [k, value] of values.entries()) view.setFloat32(4 * k, value, true);
  else for (const [k, half] of toHalves(values).entries()) view.setUint16(2 * k, half, true);
  return bytes;
}

function integerBytes(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(8 * values.length);
  const view = new DataView(bytes.buffer);
  for (const [k, value] of values.entries()) view.setBigInt64(8 * k, BigInt(value), true);
  return bytes;
}
