import { makeValidation, openPairs } from '../../data/node/pairs';
import { openTunedGpu } from '../../kernels/node/tuned';
import type { RunResult } from '../job';
import { runJob } from '../run';
import type { HarnessJob } from './harness';

/** Trains in this process, on Dawn, making pairs in worker threads. */
export async function trainInNode(job: HarnessJob): Promise<RunResult> {
  const { training, validation, workers, ...rest } = job;
  const { seed, synthesis } = job.config;
  const gpu = await openTunedGpu();
  const pairs = openPairs({ scenes: training, seed, config: synthesis, workers, onNotice: job.onNotice });
  try {
    return await runJob(gpu, {
      ...rest,
      pairs,
      validation:
        validation.length > 0 ? (options) => makeValidation(validation, { ...options, workers }) : undefined,
      runtime: 'Node',
    });
  } finally {
    await pairs.close();
    gpu.destroy();
  }
}
