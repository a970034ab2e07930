import type { KernelCall, Precision } from '../gpu/kernel-call';
import type { AdapterTraits } from '../gpu/types';
import type { KernelContext } from '../kernels/context';
import { forPrecision, type KernelPolicy, policyFor } from '../kernels/policy';
import { byteLength } from '../kernels/tensor';
import type { Graph, Lookup, SymbolicTensor } from './graph';
import { joinedTensors } from './joins';
import { describe } from './names';
import { type NumberedNode, poolsFused } from './pools';

/** Anything that needs memory: a tensor of the graph, or scratch of an operator. */
export interface Value {
  readonly description: string;
  readonly bytes: number;
  /** Has its own buffer: inputs, variables, fetched tensors. */
  readonly resident: boolean;
  /** Absent for scratch. */
  readonly tensor?: SymbolicTensor;
  /** Lies inside another value at a byte offset, and needs no memory of its own. */
  readonly within?: { readonly value: number; readonly offset: number };
}

export interface Lowered {
  /** All dispatches of a run in order; bindings are indices into `values`. */
  readonly calls: readonly KernelCall<number>[];
  readonly values: readonly Value[];
  /** The number of calls before each mark of the graph. */
  readonly marks: ReadonlyMap<string, number>;
}

/**
 * Turns the part of a graph needed by `fetch` and the updates of variables into kernel calls for an adapter. Uses no
 * device.
 *
 * @param precision of all tensors; half precision for inference only.
 */
export function lower(
  graph: Graph,
  fetch: readonly SymbolicTensor[],
  traits: AdapterTraits,
  policy: KernelPolicy = policyFor(traits),
  precision: Precision = 'f32',
): Lowered {
  const fetched = new Set(fetch);
  const values: Value[] = [];
  const indices = new Map<SymbolicTensor, number>();
  const chosen = forPrecision(policy, precision);
  const nodes = poolsFused(liveNodes(graph, fetched), chosen);
  const joined = joinedTensors(
    nodes.map(({ node }) => node),
    fetched,
    precision,
  );
  const indexOf = (tensor: SymbolicTensor): number => {
    let index = indices.get(tensor);
    if (index === undefined) {
      const resident = tensor.kind !== 'intermediate' || fetched.has(tensor);
      const bytes = byteLength(tensor.shape, tensor.layout, precision);
      const place = joined.get(tensor);
      const within = place && { value: indexOf(place.whole), offset: place.offset };
      const value = { description: describe(tensor), bytes, resident, tensor, ...(within && { within }) };
      index = values.push(value) - 1;
      indices.set(tensor, index);
    }
    return index;
  };
  const lookup: Lookup<number> = (tensor) => ({
    shape: tensor.shape,
    layout: tensor.layout,
    buffer: indexOf(tensor),
    precision,
  });
  const calls: KernelCall<number>[] = [];
  const marks = new Map<string, number>();
  const passMarks = (nodes: number) => {
    for (const [name, count] of graph.marks) {
      if (nodes >= count && !marks.has(name)) marks.set(name, calls.length);
    }
  };
  for (const { node, index } of nodes) {
    passMarks(index);
    if (node.isJoin && joined.get(node.inputs[0]!)?.whole === node.outputs[0]) continue;
    const context: KernelContext<number> = {
      traits,
      policy: chosen,
      label: node.label,
      scratch: (bytes) =>
        values.push({ description: `scratch of ${node.operator} ${node.label}`, bytes, resident: false }) - 1,
    };
    calls.push(...node.emit(context, lookup).map((call) => ({ ...call, precision })));
  }
  passMarks(graph.nodes.length);
  for (const tensor of fetched) indexOf(tensor);
  return { calls, values, marks };
}

/** In order: the nodes that update variables, and those that they and the fetched tensors depend on. */
function liveNodes(graph: Graph, fetched: ReadonlySet<SymbolicTensor>): NumberedNode[] {
  const needed = new Set(fetched);
  const numbered = graph.nodes.map((node, index) => ({ node, index }));
  const live = numbered.toReversed().filter(({ node }) => {
    if (node.updates.length === 0 && !node.outputs.some((output) => needed.has(output))) return false;
    for (const input of node.inputs) needed.add(input);
    return true;
  });
  return live.toReversed();
}
