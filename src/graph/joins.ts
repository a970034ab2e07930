import type { Precision } from '../gpu/kernel-call';
import { byteLength } from '../kernels/tensor';
import type { GraphNode, SymbolicTensor } from './graph';

/** The position of a tensor inside another. */
export interface Place {
  readonly whole: SymbolicTensor;
  /** In bytes. */
  readonly offset: number;
}

/** WebGPU's default `minStorageBufferOffsetAlignment`; devices never require more. */
const ALIGNMENT = 256;

/**
 * Concatenations that need no kernel because their parts can be written directly into the whole: the planes of one
 * image are contiguous. Excluded are parts that are inputs, variables, fetched, or part of another whole, parts whose
 * last block of channels is incomplete, and nodes that would bind two parts of one buffer (WebGPU forbids binding a
 * buffer for reading and writing at once).
 */
export function joinedTensors(
  nodes: readonly GraphNode[],
  fetched: ReadonlySet<SymbolicTensor>,
  precision: Precision,
): ReadonlyMap<SymbolicTensor, Place> {
  const places = new Map<SymbolicTensor, Place>();
  const isFree = (tensor: SymbolicTensor) =>
    tensor.kind === 'intermediate' && !fetched.has(tensor) && !places.has(tensor);
  const wholes = new Set<SymbolicTensor>();
  for (const node of nodes) {
    if (!node.isJoin) continue;
    const [a, b] = node.inputs as [SymbolicTensor, SymbolicTensor];
    const whole = node.outputs[0]!;
    const offset = byteLength(a.shape, a.layout, precision);
    const fits = a.shape[0] === 1 && a.shape[1] % 4 === 0 && offset % ALIGNMENT === 0;
    const areFree = a !== b && [a, b].every((part) => isFree(part) && !wholes.has(part)) && isFree(whole);
    const family = new Set([a, b, whole]);
    const areApart = nodes.every((other) => {
      const bound = new Set([...other.inputs, ...other.outputs].filter((tensor) => family.has(tensor)));
      return other === node || bound.size < 2;
    });
    if (!fits || !areFree || !areApart) continue;
    wholes.add(whole);
    places.set(a, { whole, offset: 0 });
    places.set(b, { whole, offset });
  }
  return places;
}
