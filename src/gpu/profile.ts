import { finished, readBuffer } from './buffers';
import { BUFFER_USAGE } from './flags';
import type { Step } from './step';
import type { Gpu } from './types';

/** The time of one call, and its minimal work. */
export interface CallTime {
  readonly label: string;
  readonly kernel: string;
  readonly ms: number;
  readonly flops: number;
  readonly bytes: number;
}

/** Calls per query set: WebGPU allows 4096 queries, and each call takes two. */
const CALLS_PER_SET = 2048;

/**
 * Milliseconds of each step by the device's timestamps. Without the feature `timestamp-query`, by waiting for each
 * step, which includes the round trip.
 */
export async function profileSteps(gpu: Gpu, steps: readonly Step[], repeat: number): Promise<CallTime[]> {
  const measure = gpu.device.features.has('timestamp-query') ? measureByTimestamps : measureByWaiting;
  const runs: number[][] = [];
  for (let run = 0; run < repeat; run++) runs.push(await measure(gpu, steps));
  return steps.map(({ call }, at) => ({
    label: call.label,
    kernel: call.kernel.name,
    ms: median(runs.map((times) => times[at]!)),
    flops: call.flops,
    bytes: call.bytes,
  }));
}

async function measureByTimestamps(gpu: Gpu, steps: readonly Step[]): Promise<number[]> {
  const times: number[] = [];
  for (let from = 0; from < steps.length; from += CALLS_PER_SET) {
    times.push(...(await measureSet(gpu, steps.slice(from, from + CALLS_PER_SET))));
  }
  return times;
}

async function measureSet(gpu: Gpu, steps: readonly Step[]): Promise<number[]> {
  const { device } = gpu;
  const count = 2 * steps.length;
  const querySet = device.createQuerySet({ type: 'timestamp', count });
  const usage = BUFFER_USAGE.QUERY_RESOLVE | BUFFER_USAGE.COPY_SRC;
  const resolved = device.createBuffer({ label: 'timestamps', size: 8 * count, usage });
  const encoder = device.createCommandEncoder();
  steps.forEach((step, at) => {
    const timestampWrites = { querySet, beginningOfPassWriteIndex: 2 * at, endOfPassWriteIndex: 2 * at + 1 };
    encodeStep(encoder, step, { timestampWrites });
  });
  encoder.resolveQuerySet(querySet, 0, count, resolved, 0);
  device.queue.submit([encoder.finish()]);
  try {
    const nanoseconds = new BigInt64Array(await readBuffer(gpu, resolved));
    return steps.map((_, at) => Number(nanoseconds[2 * at + 1]! - nanoseconds[2 * at]!) / 1e6);
  } finally {
    querySet.destroy();
    resolved.destroy();
  }
}

async function measureByWaiting(gpu: Gpu, steps: readonly Step[]): Promise<number[]> {
  const times: number[] = [];
  await finished(gpu);
  for (const step of steps) {
    const start = performance.now();
    const encoder = gpu.device.createCommandEncoder();
    encodeStep(encoder, step, {});
    gpu.device.queue.submit([encoder.finish()]);
    await finished(gpu);
    times.push(performance.now() - start);
  }
  return times;
}

function encodeStep(encoder: GPUCommandEncoder, step: Step, descriptor: GPUComputePassDescriptor): void {
  const pass = encoder.beginComputePass(descriptor);
  pass.setPipeline(step.pipeline);
  pass.setBindGroup(0, step.bindGroup);
  pass.dispatchWorkgroups(...step.call.dispatch);
  pass.end();
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}
