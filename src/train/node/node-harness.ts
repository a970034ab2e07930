import { sceneSource } from '../../data/node/scenes';
import { PairMaker } from '../../data/pair-maker';
import { DEFAULT_CACHE_BYTES } from '../../data/scene-cache';
import { openNodeGpu } from '../../gpu/node/dawn';
import { runJob } from '../job';
import type { RunResult } from '../run';
import type { HarnessJob } from './harness';

/** Trains in this process, on Dawn. */
export async function trainInNode(job: HarnessJob): Promise<RunResult> {
  const { training, validation, config, workers: _, ...rest } = job;
  const gpu = await openNodeGpu();
  try {
    const options = { maxBytes: DEFAULT_CACHE_BYTES, onNotice: job.say };
    const pairs = new PairMaker(training.map(sceneSource), config.seed, config.synthesis, options);
    return await runJob(gpu, {
      ...rest,
      config,
      pairs,
      validation: validation.map(sceneSource),
      runtime: 'Node',
    });
  } finally {
    gpu.destroy();
  }
}
