import { poolsInStore } from '../kernels/conv2d';
import type { KernelPolicy } from '../kernels/policy';
import type { Emit, GraphNode } from './graph';

/** A node, and the number of nodes before it in the graph. */
export interface NumberedNode {
  readonly node: GraphNode;
  readonly index: number;
}

/**
 * The nodes, with each convolution and the pool of its output merged if the policy's kernels can write both in one
 * pass, so that the pool need not read the output again.
 */
export function poolsFused(nodes: readonly NumberedNode[], policy: KernelPolicy): readonly NumberedNode[] {
  if (!poolsInStore(policy)) return nodes;
  const fused = new Set<GraphNode>();
  const merged = nodes.map(({ node, index }) => {
    const { canPool, outputs } = node;
    const pool =
      canPool && nodes.find((other) => other.node.isPool && other.node.inputs[0] === outputs[0])?.node;
    if (!pool) return { node, index };
    fused.add(pool);
    const pooled = pool.outputs[0]!;
    const emit: Emit = (context, at) => node.emit(context, at, pooled);
    return { node: { ...node, outputs: [...outputs, pooled], emit }, index };
  });
  return merged.filter(({ node }) => !fused.has(node));
}
