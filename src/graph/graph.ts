import { GraphError, ShapeError } from '../errors';
import type { KernelCall } from '../gpu/kernel-call';
import type { KernelContext } from '../kernels/context';
import { elementCount, type Layout, type Shape, type Tensor } from '../kernels/tensor';

/**
 * `input`: written by the host before a run. `variable`: keeps its value between runs. `intermediate`: the result of
 * an operator, discarded after the run unless fetched.
 */
type TensorKind = 'input' | 'variable' | 'intermediate';

/** A tensor of the graph: a name and a shape, no numbers. */
export interface SymbolicTensor {
  readonly graph: Graph;
  readonly name: string;
  readonly shape: Shape;
  readonly layout: Layout;
  readonly kind: TensorKind;
  /** Initial value of a variable, dense; zeros when absent. Weight files do not store variables with a value. */
  readonly value?: ArrayLike<number>;
}

/** Maps symbolic tensors to buffers while kernel calls are made. */
export type Lookup<B> = (tensor: SymbolicTensor) => Tensor<B>;

/**
 * Turns a node into kernel calls; called once per compilation.
 *
 * @param pooled also receives the maxima of the output, for nodes that `canPool`.
 */
export type Emit = <B>(
  context: KernelContext<B>,
  at: Lookup<B>,
  pooled?: SymbolicTensor,
) => readonly KernelCall<B>[];

/**
 * The derivative rule of a node: given the gradients of its outputs and the inputs that want one, adds backward nodes
 * and returns a gradient for each input.
 *
 * - The gradient of an output is undefined if the loss does not depend on that output; that of an only output never is.
 * - It is already summed over all uses of the output. `gradients` also sums what several nodes return for one tensor,
 * so a rule never adds.
 * - A gradient has the shape and layout of its input. It may be undefined for inputs that did not want one.
 * - Padding of gradients is zero, as in all tensors; the kernels ensure it.
 */
type Derivative = (outputGradients: Gradients, wanted: readonly boolean[]) => Gradients;

export type Gradients = readonly (SymbolicTensor | undefined)[];

/** One operator applied to tensors. */
export interface GraphNode {
  readonly operator: string;
  /** The layer it belongs to (`local.0.conv1`), shown in profiles. */
  readonly label: string;
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly SymbolicTensor[];
  /** Variables read and written in place. A node with updates runs with every run. */
  readonly updates: readonly SymbolicTensor[];
  /** Attributes of a forward operator, for translating the graph (`onnx/`). */
  readonly attributes?: Readonly<Record<string, number | boolean>>;
  readonly emit: Emit;
  /** The output is the concatenation of its two inputs along channels: see `joins.ts`. */
  readonly isJoin?: boolean;
  /** The output is the maximum over 2x2 windows of its input: see `pools.ts`. */
  readonly isPool?: boolean;
  /** Can also write the maxima of its output, for policies with `poolsInStore`. */
  readonly canPool?: boolean;
  readonly derivative?: Derivative;
}

/** A tensor for an operator to compute. A number is appended to a name that is taken. */
export interface Result {
  readonly name: string;
  readonly shape: Shape;
  /** Default: activation. */
  readonly layout?: Layout;
}

type Named<T> = Readonly<Record<string, T>>;

/** An operator to be added: its tensors by the names that its kernels have for them. */
interface NewNode<I, O, U> extends Omit<GraphNode, 'inputs' | 'outputs' | 'updates' | 'emit'> {
  readonly inputs: I;
  readonly outputs: O;
  readonly updates?: U | undefined;
  emit<B>(
    context: KernelContext<B>,
    tensors: { readonly [K in keyof (I & O & U)]: Tensor<B> },
    pooled?: Tensor<B>,
  ): readonly KernelCall<B>[];
}

/**
 * Symbolic tensors and the operators between them. Nodes run in the order in which they were added, so a node that
 * reads a variable sees the updates of earlier nodes only.
 */
export class Graph {
  readonly #tensors = new Map<string, SymbolicTensor>();
  readonly #nodes: GraphNode[] = [];
  readonly #marks = new Map<string, number>();

  get nodes(): readonly GraphNode[] {
    return this.#nodes;
  }

  get tensors(): Iterable<SymbolicTensor> {
    return this.#tensors.values();
  }

  get inputs(): readonly SymbolicTensor[] {
    return [...this.tensors].filter((tensor) => tensor.kind === 'input');
  }

  /** The variables so far; operators added later, such as `adam`, may create more. */
  get variables(): readonly SymbolicTensor[] {
    return [...this.tensors].filter((tensor) => tensor.kind === 'variable');
  }

  /** Names the position after the operators added so far; a program can run up to it. */
  mark(name: string): void {
    this.#marks.set(name, this.#nodes.length);
  }

  /** The number of nodes before each mark. */
  get marks(): ReadonlyMap<string, number> {
    return this.#marks;
  }

  /** A tensor written by the host. */
  input(name: string, shape: Shape, layout: Layout = 'activation'): SymbolicTensor {
    return this.#register({ graph: this, name, shape, layout, kind: 'input' });
  }

  /** A tensor that keeps its value between runs; it starts as `value`, dense (NCHW or OIHW), or as zeros. */
  variable(
    name: string,
    shape: Shape,
    layout: Layout = 'activation',
    value?: ArrayLike<number>,
  ): SymbolicTensor {
    if (value !== undefined && value.length !== elementCount(shape)) {
      throw new ShapeError(
        `${name}: ${value.length} values were given for the shape [${shape.join(', ')}], ` +
          `which has ${elementCount(shape)} elements.`,
      );
    }
    const common = { graph: this, name, shape, layout, kind: 'variable' } as const;
    return this.#register(value === undefined ? common : { ...common, value });
  }

  /** Adds an operator, for operators only, and returns its results. All its tensors must belong to this graph. */
  node<
    I extends Named<SymbolicTensor>,
    O extends Named<Result>,
    U extends Named<SymbolicTensor> = Record<never, never>,
  >(given: NewNode<I, O, U>): { readonly [K in keyof O]: SymbolicTensor } {
    const results = mapValues(given.outputs, ({ name, shape, layout = 'activation' }) =>
      this.#register({ graph: this, name: this.unusedName(name), shape, layout, kind: 'intermediate' }),
    );
    const { inputs, updates = {} as U } = given;
    this.#add({
      ...given,
      inputs: Object.values(inputs),
      outputs: Object.values(results),
      updates: Object.values(updates),
      emit: (context, at, pooled) =>
        given.emit(context, mapValues({ ...inputs, ...results, ...updates }, at), pooled && at(pooled)),
    });
    return results;
  }

  #add(node: GraphNode): void {
    for (const tensor of [...node.inputs, ...node.updates]) {
      if (tensor.graph !== this) {
        throw new GraphError(`${node.operator} ${node.label}: ${tensor.name} belongs to another graph.`);
      }
    }
    for (const tensor of node.updates) {
      if (tensor.kind !== 'variable') {
        throw new GraphError(
          `${node.operator} ${node.label} updates ${tensor.name}, which is an ${tensor.kind}; ` +
            'only variables keep their value.',
        );
      }
    }
    this.#nodes.push(node);
  }

  /** The tensor of that name; GraphError if there is none. */
  tensor(name: string): SymbolicTensor {
    const tensor = this.#tensors.get(name);
    if (tensor === undefined) throw new GraphError(`The graph has no tensor named "${name}".`);
    return tensor;
  }

  #register(tensor: SymbolicTensor): SymbolicTensor {
    const { name, shape } = tensor;
    if (this.#tensors.has(name)) throw new GraphError(`The graph already has a tensor named "${name}".`);
    if (!shape.every((size) => Number.isInteger(size) && size > 0)) {
      throw new ShapeError(`${name}: the shape [${shape.join(', ')}] must be four positive integers.`);
    }
    this.#tensors.set(name, tensor);
    return tensor;
  }

  /** The name or, if it is taken, the name with a number. */
  unusedName(name: string): string {
    if (!this.#tensors.has(name)) return name;
    let count = 2;
    while (this.#tensors.has(`${name}:${count}`)) count++;
    return `${name}:${count}`;
  }
}

function mapValues<T extends Named<unknown>, V>(
  record: T,
  map: (value: T[keyof T]) => V,
): { [K in keyof T]: V } {
  const entries = Object.entries(record).map(([key, value]) => [key, map(value as T[keyof T])]);
  return Object.fromEntries(entries) as { [K in keyof T]: V };
}
