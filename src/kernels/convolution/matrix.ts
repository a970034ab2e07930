import gatherCode from '../../../shaders/conv2d_matrix.wgsl?raw';
import type { KernelCall, KernelSource } from '../../gpu/kernel-call';
import type { ConvolutionChoice } from '../choice';
import type { KernelContext } from '../context';
import { foldWorkgroups } from '../dispatch';
import { blocks } from '../tensor';
import type { GatherTensors } from './gather';
import { gatherParams } from './gather-params';
import type { Gather } from './lattice';
import { gatherWork } from './work';

type Matrix = { readonly family: 'matrix' };

const gatherKernel: KernelSource = { name: 'conv2d_matrix', code: gatherCode, features: ['subgroups'] };

/** Lanes that share the columns of a 4x4 matrix of weights. */
const LANES = 4;

/** A gather by vec4 x mat4x4, each lane with pixels of its own: every shape, subgroups of at least 4 lanes. */
export function matrixGather<B>(
  context: KernelContext<B>,
  tensors: GatherTensors<B>,
  g: Gather,
  relu: boolean,
  { pixels, taps }: Extract<ConvolutionChoice, Matrix>,
): KernelCall<B> {
  const { x, w, y, bias } = tensors;
  const outputs = blocks(y.shape[1]);
  const perGroup = Math.min(2, outputs);
  const tiles = x.shape[0] * g.qH * Math.ceil(g.qW / pixels);
  const [columns, rows] = foldWorkgroups(context.traits, Math.ceil(tiles / LANES));
  return {
    kernel: gatherKernel,
    label: context.label,
    // What ends each output is no constant, so that layers share pipelines: they are long to compile.
    constants: { PIXELS: pixels, BLOCKS: perGroup, TAPS: taps },
    params: [
      ...gatherParams(tensors, g, { grouped: false, columns }),
      ...[tiles, Number(relu), Number(bias !== undefined)],
    ],
    // An unused binding still has to be bound: the weights stand in for a bias.
    bindings: [x.buffer, w.buffer, (bias ?? w).buffer, y.buffer],
    dispatch: [columns, rows, Math.ceil(outputs / perGroup)],
    ...gatherWork(tensors, g),
  };
}
