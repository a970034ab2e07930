import { GraphError, InputError, MemoryError, ShapeError } from '../errors';
import { createStorageBuffers, upload } from '../gpu/buffers';
import { type CommandList, compilePipelines, record } from '../gpu/command-list';
import type { Precision } from '../gpu/kernel-call';
import type { CallTime } from '../gpu/profile';
import type { Gpu } from '../gpu/types';
import { fromHalves, LARGEST_HALF, toHalves } from '../half';
import { byteLength, elementCount, pack, type Tensor, unpack } from '../kernels/tensor';
import { policyOf } from '../kernels/tuned-gpu';
import { mebibytes } from '../units';
import type { Graph, SymbolicTensor } from './graph';
import { lower, type Value } from './lower';
import { align16, assignBuffers, type ProgramMemory } from './memory';

/** One dispatch, as profiles show it. */
export interface CallInfo {
  readonly label: string;
  readonly kernel: string;
  readonly dispatch: readonly [number, number, number];
  readonly flops: number;
  readonly bytes: number;
}

/** The device objects of a compiled graph. */
interface Made {
  readonly calls: readonly CallInfo[];
  readonly memory: ProgramMemory;
  readonly list: CommandList;
  readonly buffers: readonly GPUBuffer[];
  /** Inputs, variables and fetched tensors, each in its own buffer. */
  readonly residents: ReadonlyMap<SymbolicTensor, GPUBuffer>;
  /** The number of calls before each mark of the graph. */
  readonly marks: ReadonlyMap<string, number>;
}

interface CompileOptions {
  /** Tensors to be read. */
  readonly fetch: readonly SymbolicTensor[];
  /**
   * `f16` and `f16-arithmetic` are for inference only and store tensors in half the memory; the values written and read
   * are f32. The device must have the feature `shader-f16`. Default: `f32`.
   */
  readonly precision?: Precision;
}

/** A graph compiled for a device: memory planned, pipelines compiled, dispatches recorded. */
export class Program {
  /** Arrays of the inputs written last, for reuse. */
  readonly #packed = new Map<SymbolicTensor, Float32Array<ArrayBuffer>>();

  private constructor(
    readonly gpu: Gpu,
    readonly graph: Graph,
    readonly precision: Precision,
    private readonly made: Made,
  ) {}

  /** All dispatches of a run in order, for profiles. */
  get calls(): readonly CallInfo[] {
    return this.made.calls;
  }

  get memory(): ProgramMemory {
    return this.made.memory;
  }

  /**
   * Compiles the nodes needed by the fetched tensors and the updates of variables; others are left out. Variables
   * start with their `value`. Kernels are chosen by the device's policy (`withPolicy`).
   *
   * @throws MemoryError naming the tensor that exceeds the device's limits, or if the device has no memory left.
   * @throws ShaderError if a kernel does not compile.
   */
  static async compile(gpu: Gpu, graph: Graph, options: CompileOptions): Promise<Program> {
    const { precision = 'f32' } = options;
    const lowered = lowerFor(gpu, graph, options);
    for (const value of lowered.values) requireFits(gpu, value);
    const { sizes, bufferOf, memory } = assignBuffers(lowered);
    const buffers = await createStorageBuffers(gpu, sizes);
    try {
      const { values } = lowered;
      // Exact sizes: a kernel must see no more of a shared buffer than its own tensor.
      const place = (index: number): GPUBufferBinding => ({
        buffer: buffers[bufferOf[index]!]!,
        offset: values[index]!.within?.offset ?? 0,
        size: align16(values[index]!.bytes),
      });
      const list = await record(
        gpu,
        lowered.calls.map((call) => ({ ...call, bindings: call.bindings.map(place) })),
      );
      const residents = new Map<SymbolicTensor, GPUBuffer>();
      values.forEach(({ resident, tensor }, index) => {
        if (resident && tensor !== undefined) residents.set(tensor, buffers[bufferOf[index]!]!);
      });
      const calls = lowered.calls.map(({ label, kernel, dispatch, flops, bytes }) => {
        return { label, kernel: kernel.name, dispatch, flops, bytes };
      });
      const made = { calls, memory, list, buffers, residents, marks: lowered.marks };
      const program = new Program(gpu, graph, precision, made);
      for (const tensor of program.variables) {
        if (tensor.value !== undefined) program.write(tensor, tensor.value);
      }
      return program;
    } catch (error) {
      for (const buffer of buffers) buffer.destroy();
      throw error;
    }
  }

  /**
   * Compiles the pipelines that `compile` will need for the same graph and nothing else, to avoid waiting for them
   * later. Takes no memory for tensors.
   *
   * @throws ShaderError if a kernel does not compile.
   */
  static async warmUp(gpu: Gpu, graph: Graph, options: CompileOptions): Promise<void> {
    await compilePipelines(gpu, lowerFor(gpu, graph, options).calls);
  }

  /** The variables of this program; it may not need all of the graph's. */
  get variables(): readonly SymbolicTensor[] {
    return [...this.made.residents.keys()].filter((tensor) => tensor.kind === 'variable');
  }

  /**
   * Queues new values, dense (NCHW or OIHW), for an input or a variable.
   *
   * @throws GraphError for other tensors, ShapeError for a wrong number of values, InputError for values beyond half
   * precision.
   */
  write(target: string | SymbolicTensor, dense: ArrayLike<number>): void {
    const tensor = this.#resolve(target);
    if (tensor.kind === 'intermediate') {
      throw new GraphError(
        `${tensor.name} is computed by the graph; only inputs and variables can be written.`,
      );
    }
    const buffer = this.#bufferOf(tensor);
    if (dense.length !== elementCount(tensor.shape)) {
      throw new ShapeError(
        `${tensor.name}: ${dense.length} values were given for the shape [${tensor.shape.join(', ')}], ` +
          `which takes ${elementCount(tensor.shape)}.`,
      );
    }
    const packed = pack(dense, tensor.shape, tensor.layout, this.#packed.get(tensor));
    if (tensor.kind === 'input') this.#packed.set(tensor, packed);
    upload(this.gpu, buffer, this.precision === 'f32' ? packed : this.#halves(tensor, packed));
  }

  /**
   * Queues one run, including updates, without waiting for it.
   *
   * @param until a mark of the graph: runs only the calls before it.
   * @throws GraphError for an unknown mark.
   */
  run({ until }: { readonly until?: string } = {}): void {
    const count = until === undefined ? undefined : this.made.marks.get(until);
    if (until !== undefined && count === undefined) throw new GraphError(`The graph has no mark "${until}".`);
    this.made.list.submit(1, count);
  }

  /**
   * One run as by `CommandList.run`: at most two submits at once.
   *
   * @param check called between submits; throws to stop.
   */
  runPaced(check?: () => void): Promise<void> {
    return this.made.list.run(check);
  }

  /**
   * The values, dense (NCHW or OIHW), of an input, a variable or a fetched tensor after all queued work.
   *
   * @throws GraphError for a tensor that is not kept, DeviceLostError if the device is lost meanwhile,
   * UnfinishedError if it dropped work.
   */
  async read(target: string | SymbolicTensor): Promise<Float32Array<ArrayBuffer>> {
    const [values] = await this.readAll([target]);
    return values!;
  }

  /** Like `read`, for many tensors at once: a read takes a browser milliseconds, however few bytes it returns. */
  async readAll(targets: readonly (string | SymbolicTensor)[]): Promise<Float32Array<ArrayBuffer>[]> {
    const { list } = this.made;
    const tensors = targets.map((target) => this.#resolve(target));
    const groups = inGroups(tensors, (tensor) => this.#bytesOf(tensor), STAGING_BYTES);
    const read = (group: readonly SymbolicTensor[]) => {
      const parts = group.map((one) => ({
        buffer: this.#bufferOf(one),
        bytes: this.#bytesOf(one),
        offset: 0,
      }));
      return list.readInto(parts, (contents) => group.map((one, at) => this.#values(one, contents[at]!)));
    };
    return (await Promise.all(groups.map(read))).flat();
  }

  /**
   * An input, a variable or a fetched tensor on the device, for kernels outside the graph. The buffer remains the
   * program's.
   *
   * @throws GraphError for a tensor that is not kept.
   */
  at(tensor: SymbolicTensor): Tensor<GPUBuffer> {
    const { shape, layout } = tensor;
    return { shape, layout, buffer: this.#bufferOf(tensor), precision: this.precision };
  }

  /** Milliseconds of each call, run one by one. Updates are executed, so results change. */
  profile(repeat?: number): Promise<CallTime[]> {
    return this.made.list.profile(repeat);
  }

  /** Frees all memory of the program, which cannot be used afterwards. */
  destroy(): void {
    this.made.list.destroy();
    for (const buffer of this.made.buffers) buffer.destroy();
  }

  #bytesOf({ shape, layout }: SymbolicTensor): number {
    return byteLength(shape, layout, this.precision);
  }

  #values({ shape, layout }: SymbolicTensor, bytes: ArrayBuffer): Float32Array<ArrayBuffer> {
    const stored = this.precision === 'f32' ? new Float32Array(bytes) : fromHalves(new Uint16Array(bytes));
    return unpack(stored, shape, layout);
  }

  #halves({ name }: SymbolicTensor, values: Float32Array<ArrayBuffer>): Uint16Array<ArrayBuffer> {
    const outside = values.find((value) => Math.abs(value) > LARGEST_HALF);
    if (outside === undefined) return toHalves(values);
    throw new InputError(
      `${name} holds ${outside}, but half precision ends at ${LARGEST_HALF}. Use the precision f32.`,
    );
  }

  #resolve(target: string | SymbolicTensor): SymbolicTensor {
    return typeof target === 'string' ? this.graph.tensor(target) : target;
  }

  #bufferOf(tensor: SymbolicTensor): GPUBuffer {
    const buffer = this.made.residents.get(tensor);
    if (buffer !== undefined) return buffer;
    if (tensor.graph !== this.graph) throw new GraphError(`${tensor.name} belongs to another graph.`);
    const remedy =
      tensor.kind === 'intermediate'
        ? 'Add it to `fetch`.'
        : 'Nothing that the program fetches depends on it.';
    throw new GraphError(`The program does not keep ${tensor.name}. ${remedy}`);
  }
}

function lowerFor(gpu: Gpu, graph: Graph, { fetch, precision = 'f32' }: CompileOptions) {
  for (const tensor of fetch) {
    if (tensor.graph !== graph) throw new GraphError(`${tensor.name} belongs to another graph.`);
  }
  return lower(graph, fetch, gpu.traits, policyOf(gpu), precision);
}

function requireFits({ traits }: Gpu, { description, bytes }: Value): void {
  const limit = Math.min(traits.limits.maxStorageBufferBindingSize, traits.limits.maxBufferSize);
  if (bytes <= limit) return;
  throw new MemoryError(
    `${description} takes ${mebibytes(bytes)}, but this device binds at most ${mebibytes(limit)} at once. ` +
      'Use a smaller image, batch or network.',
  );
}

/** Most that one read copies at once. */
const STAGING_BYTES = 64 * 2 ** 20;

/** Divides the items, in order, into groups of at most so many bytes; an item that exceeds it stands alone. */
function inGroups<T>(items: readonly T[], bytesOf: (item: T) => number, most: number): T[][] {
  const groups: T[][] = [];
  let total = Number.POSITIVE_INFINITY;
  for (const item of items) {
    total += bytesOf(item);
    if (total > most) {
      groups.push([]);
      total = bytesOf(item);
    }
    groups.at(-1)!.push(item);
  }
  return groups;
}
