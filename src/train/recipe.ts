import { splitScenes } from '../data/split';
import { DEFAULT_SYNTHESIS } from '../data/synthesis-config';
import { InputError } from '../errors';
import { bilateralConfig } from '../model/bilateral/config';
import { PRESETS } from '../model/config';
import { checkRunConfig, type RunConfig } from './config';

/** The choices for a run. */
export interface Wish {
  /** `instant`: the bilateral grid; `nano` and `small`: the paper's network at these sizes. */
  readonly size: 'instant' | 'nano' | 'small';
  /** Side of the training patches in pixels, a multiple of 16. */
  readonly patch: number;
  readonly steps: number;
}

/** Validation pairs, fewer and smaller than the command line's because a page validates often. */
const VALIDATION = { pairs: 8, size: 128, seed: 1 };

/**
 * The recipe for a run in a page, as for `glocal train` but with balanced transposed convolutions.
 *
 * @throws InputError if there are no scenes, two of the same name, or impossible numbers.
 */
export function planRun(scenes: readonly string[], { size, patch, steps }: Wish): RunConfig {
  if (scenes.length === 0) throw new InputError('There is no .hdr or .exr file among these.');
  const twice = scenes.find((name, i) => scenes.indexOf(name) !== i);
  if (twice !== undefined) throw new InputError(`There are two scenes named ${twice}. Rename one of them.`);
  const { training, validation } = splitScenes(scenes.map((name) => ({ name })));
  const names = (side: readonly { name: string }[]) => side.map(({ name }) => name).sort();
  const config: RunConfig = {
    ...(size === 'instant'
      ? { network: bilateralConfig(), loss: 'detail' }
      : { network: { ...PRESETS[size], upsampling: 'balanced' } }),
    synthesis: { ...DEFAULT_SYNTHESIS, patch },
    batch: 16,
    statistics: 50,
    schedule: { rate: 0.002, warmup: Math.min(50, Math.floor(steps / 4)), steps },
    seed: 1,
    scenes: { train: names(training), validation: names(validation) },
    validation: VALIDATION,
  };
  checkRunConfig(config);
  return config;
}
