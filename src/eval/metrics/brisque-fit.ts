import { InputError } from '../../errors';
import { scaleFeatures } from './brisque';
import { BRISQUE_FEATURES, type BrisqueRanges } from './brisque-model';

/** A picture's features and its human score. */
export interface ScoredFeatures {
  /** 36, by `brisqueFeatures`. */
  readonly features: Float64Array;
  readonly score: number;
}

export interface BrisqueFitOptions {
  /** Cost of errors beyond the tube. */
  readonly cost: number;
  /** Of the radial basis kernel exp(-gamma |a - b|^2). */
  readonly gamma: number;
  /** Errors up to this, in units of the scores, are free. */
  readonly epsilon: number;
}

/** Cost and gamma as released by the authors (Mittal et al. 2012); the tube is libsvm's default. */
export const BRISQUE_FIT: BrisqueFitOptions = { cost: 1024, gamma: 0.05, epsilon: 0.1 };

/** The two files of a model, as svm-train and svm-scale write them. */
interface BrisqueFiles {
  readonly model: string;
  readonly ranges: string;
}

/** Features are scaled to [-1, 1]. */
const LIMITS = { lower: -1, upper: 1 };

/**
 * Fits BRISQUE's regression, an epsilon support vector regression by libsvm, to pictures with scores.
 *
 * @throws InputError when no two scores differ, or a feature is the same in all pictures.
 */
export async function fitBrisque(
  samples: readonly ScoredFeatures[],
  { cost, gamma, epsilon }: BrisqueFitOptions = BRISQUE_FIT,
): Promise<BrisqueFiles> {
  if (new Set(samples.map(({ score }) => score)).size < 2) {
    throw new InputError(
      'A model of BRISQUE needs pictures with different scores: there are fewer than two. Give more pictures.',
    );
  }
  const ranges = rangesOf(samples);
  const SVM = await loadSvm();
  const machine = new SVM({
    type: SVM.SVM_TYPES.EPSILON_SVR,
    kernel: SVM.KERNEL_TYPES.RBF,
    ...{ cost, gamma, epsilon, quiet: true },
  });
  try {
    machine.train(
      samples.map(({ features }) => [...scaleFeatures(features, ranges)]),
      samples.map(({ score }) => score),
    );
    return { model: machine.serializeModel(), ranges: formatRanges(ranges) };
  } finally {
    machine.free();
  }
}

/** Loads libsvm, and undoes its handler that silently ends the process on any unhandled rejection. */
export async function loadSvm() {
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map((event) => new Set(process.listeners(event as 'uncaughtException')));
  const { default: SVM } = await import('libsvm-js/asm');
  events.forEach((event, k) => {
    for (const listener of process.listeners(event as 'uncaughtException')) {
      if (!before[k]!.has(listener)) process.removeListener(event, listener);
    }
  });
  return SVM;
}

function rangesOf(samples: readonly ScoredFeatures[]): BrisqueRanges {
  const min = new Float64Array(BRISQUE_FEATURES).fill(Number.POSITIVE_INFINITY);
  const max = new Float64Array(BRISQUE_FEATURES).fill(Number.NEGATIVE_INFINITY);
  for (const { features } of samples) {
    features.forEach((value, i) => {
      min[i] = Math.min(min[i]!, value);
      max[i] = Math.max(max[i]!, value);
    });
  }
  const same = min.findIndex((low, i) => !(low < max[i]!));
  if (same >= 0) {
    throw new InputError(
      `Feature ${same + 1} of BRISQUE is the same in all pictures, so it has no range. Give pictures of more kinds.`,
    );
  }
  return { ...LIMITS, min, max };
}

/** In the format of svm-scale -s, with all digits. */
function formatRanges({ lower, upper, min, max }: BrisqueRanges): string {
  const rows = [...min].map((low, i) => `${i + 1} ${low} ${max[i]}`);
  return `${['x', `${lower} ${upper}`, ...rows].join('\n')}\n`;
}
