import { WeightsError } from '../errors';
import type { Graph, SymbolicTensor } from '../graph/graph';
import type { StateDict } from '../model/state-dict';
import { type Target, translate } from './operators';

interface LowerOptions extends Target {
  /** ONNX names of the graph's inputs. */
  readonly inputs: ReadonlyMap<SymbolicTensor, string>;
  /** Values of the graph's variables. */
  readonly state: StateDict;
}

/**
 * Translates a graph for inference into ONNX nodes, one by one. Activation shapes are not fixed: the result runs on
 * any size its inputs have.
 *
 * @returns the name of `output`.
 * @throws WeightsError if the state lacks a variable.
 */
export function lowerToOnnx(graph: Graph, output: SymbolicTensor, options: LowerOptions): string {
  const names = new Map(options.inputs);
  const nameOf = (tensor: SymbolicTensor): string => {
    const known = names.get(tensor);
    if (known !== undefined) return known;
    const name = constant(tensor, options);
    names.set(tensor, name);
    return name;
  };
  for (const node of graph.nodes) {
    const inputs = node.inputs.map(nameOf);
    const partner = node.operator === 'replicate' ? partnerOf(graph, node.outputs[0]!) : undefined;
    const name = translate(options, {
      node,
      inputs,
      attributes: node.attributes ?? {},
      like: partner && nameOf(partner),
    });
    names.set(node.outputs[0]!, name);
  }
  return nameOf(output);
}

/** The tensor that a replicated vector is concatenated with or added to. */
function partnerOf(graph: Graph, replicated: SymbolicTensor): SymbolicTensor | undefined {
  const use = graph.nodes.find(({ inputs }) => inputs.includes(replicated));
  return use?.inputs.find((input) => input !== replicated);
}

/** Turns a variable into a constant: kernels unchanged, vectors as [C]. */
function constant(
  { name, shape, layout, value, kind }: SymbolicTensor,
  { graph, type, state }: LowerOptions,
): string {
  const data = value === undefined ? state.get(name)?.data : Float32Array.from(value);
  if (kind !== 'variable' || data === undefined) throw new WeightsError(`The weights have no "${name}".`);
  return graph.weights(name, layout === 'weight' ? shape : [shape[1]], data, type);
}
