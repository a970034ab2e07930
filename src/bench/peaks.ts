import copyCode from '../../shaders/peak_copy.wgsl?raw';
import multiplyAddCode from '../../shaders/peak_multiply_add.wgsl?raw';
import type { KernelCall } from '../gpu/kernel-call';
import type { AdapterTraits, Gpu } from '../gpu/types';
import type { KernelContext } from '../kernels/context';
import { pointwiseCall } from '../kernels/pointwise';
import { policyFor } from '../kernels/policy';
import type { Shape, Tensor } from '../kernels/tensor';
import { type Prepared, prepare } from './prepared';
import { type RaceOptions, race } from './race';
import { type Peak, timingOf } from './results';

/** Chains times links in `peak_multiply_add.wgsl`, two operations each. */
const FLOPS_PER_TURN = 12 * 8 * 2;
const TURNS = 1024;

/** [1, 4, side, side] of f32: larger than caches of processors. */
const COPY_SIDE = 2048;
const SMALL_COPY_SIDE = 256;

/** Multiply-adds and nothing else, ready to run: what every row is timed beside. */
export interface Yardstick extends Prepared {
  readonly flops: number;
}

/** @param small for tests: hardly any work, so that the numbers mean nothing. */
export async function prepareYardstick(gpu: Gpu, small = false): Promise<Yardstick> {
  const { invocations, workgroup } = computeSize(gpu.traits, small);
  const prepared = await prepare(gpu, 'peak', (context, tensor) => {
    const y = tensor('y', [1, 1, 1, invocations], 'output');
    return { calls: [multiplyAddCall(context, y, workgroup, invocations)], output: y };
  });
  await prepared.run(1);
  return { ...prepared, flops: invocations * TURNS * FLOPS_PER_TURN };
}

/** Measures both peaks in turn. */
export async function measurePeak(
  gpu: Gpu,
  yardstick: Yardstick,
  options: RaceOptions,
  small = false,
): Promise<Peak> {
  const side = small ? SMALL_COPY_SIDE : COPY_SIDE;
  const copy = await prepare(gpu, 'peak', (context, tensor) => {
    const shape: Shape = [1, 4, side, side];
    const [x, y] = [tensor('x', shape, 'zeros'), tensor('y', shape, 'output')];
    return { calls: [copyCall(context, x, y)], output: y };
  });
  try {
    await copy.run(1);
    const [computed, copied] = await race([yardstick, copy], options);
    return {
      multiplyAdd: { timing: timingOf(computed!), flops: yardstick.flops },
      copy: { timing: timingOf(copied!), bytes: 2 * 16 * side * side },
    };
  } finally {
    copy.destroy();
  }
}

/** One subgroup a workgroup on software adapters, as for our own kernels; enough of them to fill a GPU. */
function computeSize(traits: AdapterTraits, small: boolean): { invocations: number; workgroup: number } {
  const { workgroup } = policyFor(traits).pace;
  const groups = small ? 1 : traits.isSoftware ? 256 : 8192;
  return { workgroup, invocations: workgroup * groups };
}

function multiplyAddCall<B>(
  { label }: KernelContext<B>,
  y: Tensor<B>,
  workgroup: number,
  invocations: number,
): KernelCall<B> {
  return {
    kernel: { name: 'peak_multiply_add', code: multiplyAddCode },
    label,
    constants: { WORKGROUP: workgroup },
    params: [TURNS, { f32: 0.9 }, { f32: 0.1 }],
    bindings: [y.buffer],
    dispatch: [invocations / workgroup, 1, 1],
    flops: invocations * TURNS * FLOPS_PER_TURN,
    bytes: 4 * invocations,
  };
}

function copyCall<B>(context: KernelContext<B>, x: Tensor<B>, y: Tensor<B>): KernelCall<B> {
  return pointwiseCall(context, {
    kernel: { name: 'peak_copy', code: copyCode },
    tensors: [x, y],
    flops: 0,
  });
}
