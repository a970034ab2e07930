import { blocks, ceil4 } from '../tensor';
import type { GatherTensors } from './gather';
import type { Gather } from './lattice';

/**
 * The uniform block that the families of gathers share. `grouped`: a stride in the input splits the kernel into
 * groups of every inStride-th position, each a dense convolution on a sub-lattice of x.
 */
export function gatherParams<B>(
  { x, w, y }: GatherTensors<B>,
  g: Gather,
  { grouped, columns }: { grouped: boolean; columns: number },
): Readonly<Record<string, number>> {
  const groups = grouped ? g.inStride : 1;
  return {
    ...{ x_blocks: blocks(x.shape[1]), x_h: x.shape[2], x_w: x.shape[3] },
    ...{ o4: ceil4(y.shape[1]), y_h: y.shape[2], y_w: y.shape[3], q_h: g.qH, q_w: g.qW },
    ...{ in_stride: g.inStride, origin_y: g.originY, origin_x: g.originX },
    ...{ out_stride: g.outStride, phase_y: g.phaseY, phase_x: g.phaseX },
    ...{ groups, taps_y: g.tapsY / groups, taps_x: g.tapsX / groups },
    ...{ tap0_y: g.tap0Y, tap0_x: g.tap0X, tap_step: g.tapStep * groups },
    ...{ kernel_h: w.shape[2], kernel_w: w.shape[3], columns },
  };
}
