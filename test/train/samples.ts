import type { RunConfig } from '../../src/train/config';

/** A configuration with every field set. */
export const config: RunConfig = {
  network: { width: 8, globalWidth: 16 },
  patch: 128,
  batch: 16,
  schedule: { rate: 0.002, warmup: 50, steps: 1000 },
  seed: 1,
  pairs: { exposure: [-4, 0] },
  scenes: { train: ['a', 'b', 'c'], validation: ['d'] },
  validation: { pairs: 48, size: 256 },
};
