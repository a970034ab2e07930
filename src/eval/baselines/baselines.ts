import type { RgbImage } from '../image';
import { cache } from './cache';
import { equaliseHistogram } from './histogram-equalisation';
import { lime } from './lime';
import { srie } from './srie';

/** The comparison methods, by their names in commands. */
export const BASELINES = {
  he: {
    title: 'HE',
    run: (image: RgbImage): RgbImage => ({ ...image, data: equaliseHistogram(image.data) }),
  },
  cache: { title: 'CACHE', run: cache },
  srie: { title: 'SRIE', run: srie },
  lime: { title: 'LIME', run: lime },
} as const;

export type BaselineName = keyof typeof BASELINES;

export const BASELINE_NAMES = Object.keys(BASELINES) as readonly BaselineName[];
