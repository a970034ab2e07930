import type { Graph, SymbolicTensor } from '../graph/graph';
import { graphShape, type ParameterSpec } from './layers';

/** The variables of a network as it is built, in order. */
export class VariableList {
  readonly #graph: Graph;
  readonly #parameters: SymbolicTensor[] = [];
  readonly #state: SymbolicTensor[] = [];

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  /** What gradients are taken for. */
  get parameters(): readonly SymbolicTensor[] {
    return this.#parameters;
  }

  /** The parameters and the running statistics. */
  get state(): readonly SymbolicTensor[] {
    return this.#state;
  }

  /** Adds one for each. */
  make(specs: readonly ParameterSpec[]): SymbolicTensor[] {
    return specs.map(({ name, shape, trainable }) => {
      const place = graphShape(shape);
      const variable = this.#graph.variable(name, place.shape, place.layout);
      this.#state.push(variable);
      if (trainable) this.#parameters.push(variable);
      return variable;
    });
  }
}
