import { DEFAULT_SYNTHESIS } from '../../src/data/synthesis-config';
import { PRESETS } from '../../src/model/config';
import type { RunConfig } from '../../src/train/config';

/** A configuration with every field set. */
export const config: RunConfig = {
  network: PRESETS.nano,
  batch: 16,
  schedule: { rate: 0.002, warmup: 50, steps: 1000 },
  seed: 1,
  synthesis: DEFAULT_SYNTHESIS,
  scenes: { train: ['a', 'b', 'c'], validation: ['d'] },
  validation: { pairs: 48, size: 256, seed: 1 },
};
