import { GraphError, ShapeError } from '../errors';
import { elementCount } from '../kernels/tensor';
import type { GraphNode, SymbolicTensor } from './graph';
import { describe } from './names';
import { add } from './operators/elementwise';

/**
 * Reverse-mode differentiation. Adds to the loss's graph exactly the nodes that compute d loss / d tensor for each
 * tensor of `wrt`; returns the gradients in the order of `wrt`. The loss has one element.
 *
 * @throws GraphError if the loss does not depend on a tensor, or only through an operator without derivative.
 */
export function gradients(loss: SymbolicTensor, wrt: readonly SymbolicTensor[]): SymbolicTensor[] {
  if (elementCount(loss.shape) !== 1) {
    throw new ShapeError(`gradients: the loss ${describe(loss)} must have one element.`);
  }
  const { graph } = loss;
  const forward = [...graph.nodes];
  const dependent = dependents(forward, wrt);
  const path = ancestors(forward, loss);
  for (const tensor of wrt) {
    if (tensor.graph !== graph || !path.has(tensor)) {
      throw new GraphError(`gradients: ${loss.name} does not depend on ${describe(tensor)}.`);
    }
  }

  const sums = new Map<SymbolicTensor, SymbolicTensor>();
  sums.set(loss, graph.variable(graph.unusedName(`${loss.name}.grad`), loss.shape, 'activation', [1]));
  for (const node of forward.toReversed()) {
    const outputGradients = node.outputs.map((output) => sums.get(output));
    const wanted = node.inputs.map((input) => dependent.has(input));
    if (outputGradients.every((gradient) => gradient === undefined) || !wanted.includes(true)) continue;
    if (node.derivative === undefined) {
      throw new GraphError(`gradients: ${node.operator} (${node.label}) has no derivative.`);
    }
    const contributions = node.derivative(outputGradients, wanted);
    node.inputs.forEach((input, index) => {
      const contribution = contributions[index];
      if (!wanted[index] || contribution === undefined) return;
      const sum = sums.get(input);
      sums.set(input, sum === undefined ? contribution : add(sum, contribution, { label: node.label }));
    });
  }
  return wrt.map((tensor) => {
    const gradient = sums.get(tensor);
    if (gradient === undefined) {
      throw new GraphError(`gradients: ${loss.name} has no derivative with respect to ${describe(tensor)}.`);
    }
    return gradient;
  });
}

/** The given tensors and everything computed from them. */
function dependents(nodes: readonly GraphNode[], from: readonly SymbolicTensor[]): Set<SymbolicTensor> {
  const found = new Set(from);
  for (const node of nodes) {
    if (node.inputs.some((input) => found.has(input))) for (const output of node.outputs) found.add(output);
  }
  return found;
}

/** The tensor and everything it is computed from. */
function ancestors(nodes: readonly GraphNode[], of: SymbolicTensor): Set<SymbolicTensor> {
  const found = new Set([of]);
  for (const node of nodes.toReversed()) {
    if (node.outputs.some((output) => found.has(output))) for (const input of node.inputs) found.add(input);
  }
  return found;
}
