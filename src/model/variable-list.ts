import type { Graph, SymbolicTensor } from '../graph/graph';
import { graphShape, type ParameterSpec } from './layers';

/** The variables of a network, in the order of their creation. */
export class VariableList {
  readonly #graph: Graph;
  readonly #parameters: SymbolicTensor[] = [];
  readonly #state: SymbolicTensor[] = [];

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  /** The tensors that gradients are taken for. */
  get parameters(): readonly SymbolicTensor[] {
    return this.#parameters;
  }

  /** Parameters and running statistics. */
  get state(): readonly SymbolicTensor[] {
    return this.#state;
  }

  /** Creates one variable for each. */
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
