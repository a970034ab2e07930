import type { Param } from '../../gpu/kernel-call';
import { blocks, ceil4 } from '../tensor';
import type { GatherTensors } from './gather';
import type { Gather } from './lattice';

const i32 = (value: number): Param => ({ i32: value });

/**
 * The uniform block that the families of gathers share. `grouped`: a stride in the input splits the kernel into
 * groups of every inStride-th position, each a dense convolution on a sub-lattice of x.
 */
export function gatherParams<B>(
  { x, w, y }: GatherTensors<B>,
  g: Gather,
  { grouped, columns }: { grouped: boolean; columns: number },
): Param[] {
  const groups = grouped ? g.inStride : 1;
  const tapStep = g.tapStep * groups;
  return [
    ...[blocks(x.shape[1]), i32(x.shape[2]), i32(x.shape[3])],
    ...[ceil4(y.shape[1]), y.shape[2], y.shape[3], g.qH, g.qW],
    ...[i32(g.inStride), i32(g.originY), i32(g.originX), g.outStride, g.phaseY, g.phaseX],
    ...[i32(groups), i32(g.tapsY / groups), i32(g.tapsX / groups)],
    ...[i32(g.tap0Y), i32(g.tap0X), i32(tapStep), i32(w.shape[2]), i32(w.shape[3]), columns],
  ];
}
