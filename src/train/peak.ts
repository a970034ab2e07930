import { createStorageBuffer, finished } from '../gpu/buffers';
import { record } from '../gpu/command-list';
import type { Gpu } from '../gpu/types';
import { multiplyAdds, peakInvocations } from '../kernels/peak';
import { byteLength, type Shape } from '../kernels/tensor';
import { policyOf } from '../kernels/tuned-gpu';

const RUNS = 3;

/**
 * The adapter's peak rate of multiply-adds, as operations per second (two each): the best of a few short runs, for
 * showing what share of it a training reaches. `glocal bench` measures more carefully.
 */
export async function measurePeak(gpu: Gpu): Promise<number> {
  const policy = policyOf(gpu);
  const shape: Shape = [1, 1, 1, peakInvocations(gpu.traits, policy)];
  const buffer = await createStorageBuffer(gpu, byteLength(shape, 'activation'), 'peak');
  const scratch = () => {
    throw new Error('The kernel for the peak takes no scratch memory.');
  };
  const call = multiplyAdds<GPUBuffer>(
    { traits: gpu.traits, policy, label: 'peak', scratch },
    { shape, layout: 'activation', buffer },
  );
  const list = await record(gpu, [call]);
  try {
    let seconds = Number.POSITIVE_INFINITY;
    // The first run is not timed: it includes work that the driver defers.
    for (let run = 0; run <= RUNS; run++) {
      const start = performance.now();
      list.submit();
      await finished(gpu);
      if (run > 0) seconds = Math.min(seconds, (performance.now() - start) / 1000);
    }
    return call.flops / seconds;
  } finally {
    list.destroy();
    buffer.destroy();
  }
}
