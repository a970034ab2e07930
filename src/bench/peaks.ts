import copyCode from '../../shaders/elementwise.wgsl?raw';
import type { KernelCall } from '../gpu/kernel-call';
import type { Gpu } from '../gpu/types';
import type { KernelContext } from '../kernels/context';
import { multiplyAdds, peakInvocations } from '../kernels/peak';
import { pointwiseCall } from '../kernels/pointwise';
import type { Shape, Tensor } from '../kernels/tensor';
import { type Prepared, prepare } from './prepared';
import { type RaceOptions, race } from './race';
import { type Peak, timingOf } from './results';

/** [1, 4, side, side] of f32: larger than processor caches. */
const COPY_SIDE = 2048;
const SMALL_COPY_SIDE = 256;

/** A pure multiply-add load, interleaved with every row. */
interface ReferenceWork extends Prepared {
  readonly flops: number;
}

/** @param small for tests: so little work that the numbers are meaningless. */
export async function prepareReference(gpu: Gpu, small = false): Promise<ReferenceWork> {
  const prepared = await prepare(gpu, 'peak', (context, tensor) => {
    const { policy } = context;
    const invocations = small ? policy.streaming.workgroup : peakInvocations(gpu.traits, policy);
    const y = tensor('y', [1, 1, 1, invocations], 'output');
    return { calls: [multiplyAdds(context, y)], output: y };
  });
  await prepared.run(1);
  return { ...prepared, flops: prepared.calls[0]!.flops };
}

/** Measures both peaks, interleaved. */
export async function measurePeak(
  gpu: Gpu,
  reference: ReferenceWork,
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
    const [computed, copied] = await race([reference, copy], options);
    return {
      multiplyAdd: { timing: timingOf(computed!), flops: reference.flops },
      copy: { timing: timingOf(copied!), bytes: 2 * 16 * side * side },
      ...(small && { isMeaningless: true }),
    };
  } finally {
    copy.destroy();
  }
}

function copyCall<B>(context: KernelContext<B>, x: Tensor<B>, y: Tensor<B>): KernelCall<B> {
  return pointwiseCall(context, {
    // Without a formula the frame of the elementwise operators is y = x.
    kernel: { name: 'peak_copy', code: copyCode },
    tensors: [y, x],
    params: { inner: 1, blocks: 1, channels: 4 },
    flops: 0,
  });
}
