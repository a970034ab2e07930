import { GlocalError } from '../../errors';
import type { RgbImage } from '../image';
import { brisque } from './brisque';
import type { BrisqueModel } from './brisque-model';
import { meanColourDifference } from './ciede2000';
import { entropy, linearEntropy } from './entropy';
import { niqe } from './niqe';
import type { NiqeModel } from './niqe-model';
import { psnr } from './psnr';
import { ssim } from './ssim';
import { type HdrPicture, type Tmqi, tmqi } from './tmqi';

/** A picture, and the references it can be measured against. */
export interface Subject {
  readonly image: RgbImage;
  /** The linear HDR picture of the same scene. */
  readonly hdr?: HdrPicture | undefined;
  /** The desired picture. */
  readonly target?: RgbImage | undefined;
}

export interface QualityModels {
  readonly niqe?: NiqeModel | undefined;
  readonly brisque?: BrisqueModel | undefined;
}

/** A number, or the reason why there is none. */
export type Measurement = { readonly value: number } | { readonly reason: string };

/** References that a metric needs besides the picture. */
type Needed = 'hdr' | 'target';

export interface Metric {
  readonly title: string;
  readonly better: 'larger' | 'smaller';
  /** The reference that it measures against. */
  readonly needs?: Needed;
  /** A remark shown with the numbers. */
  readonly note?: string;
  /** @throws InputError where the metric is not defined. */
  readonly measure: (subject: Subject, models: QualityModels) => Measurement | number;
}

const missing = (reason: string): Measurement => ({ reason });

/** The last picture that TMQI was computed for, because the index and its two parts are requested separately. */
let last: { readonly image: RgbImage; readonly hdr: HdrPicture; readonly parts: Tmqi } | undefined;

/** Measures TMQI or one of its parts. */
function tmqiPart(part: 'quality' | 'fidelity' | 'naturalness'): Metric['measure'] {
  return ({ image, hdr }) => {
    if (!hdr) return missing('needs the HDR picture');
    if (last?.image !== image || last.hdr !== hdr) last = { image, hdr, parts: tmqi(hdr, image) };
    return last.parts[part];
  };
}

/** All metrics by their names in commands, in table order. */
export const METRICS = {
  tmqi: {
    title: 'TMQI',
    better: 'larger',
    needs: 'hdr',
    measure: tmqiPart('quality'),
  },
  'tmqi-s': {
    title: 'TMQI, S (structure)',
    better: 'larger',
    needs: 'hdr',
    measure: tmqiPart('fidelity'),
  },
  'tmqi-n': {
    title: 'TMQI, N (naturalness)',
    better: 'larger',
    needs: 'hdr',
    measure: tmqiPart('naturalness'),
  },
  entropy: {
    title: 'Entropy (grey), bit',
    better: 'larger',
    measure: ({ image }) => entropy(image.data),
  },
  'entropy-linear': {
    title: 'Entropy (linear light), bit',
    better: 'larger',
    measure: ({ image }) => linearEntropy(image.data),
  },
  niqe: {
    title: 'NIQE',
    better: 'smaller',
    measure: ({ image }, models) => (models.niqe ? niqe(image, models.niqe) : missing('needs a model')),
  },
  brisque: {
    title: 'BRISQUE',
    better: 'smaller',
    note:
      'BRISQUE predicts the degradation its model was trained on: 0 is best in its authors’ release. Kinoshita and Kiya (2019) ' +
      'call a larger BRISQUE better and do not name their model, so their row cannot be compared with this one.',
    measure: ({ image }, models) =>
      models.brisque ? brisque(image, models.brisque) : missing('needs a model'),
  },
  psnr: {
    title: 'PSNR to target, dB',
    better: 'larger',
    needs: 'target',
    measure: ({ image, target }) => (target ? psnr(image.data, target.data) : missing('needs a target')),
  },
  ssim: {
    title: 'SSIM to target',
    better: 'larger',
    needs: 'target',
    measure: ({ image, target }) =>
      target ? ssim(image.data, target.data, image.width, image.height) : missing('needs a target'),
  },
  ciede2000: {
    title: 'CIEDE2000 to target',
    better: 'smaller',
    needs: 'target',
    measure: ({ image, target }) =>
      target ? meanColourDifference(image.data, target.data) : missing('needs a target'),
  },
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof METRICS;

export const METRIC_NAMES = Object.keys(METRICS) as readonly MetricName[];

/** The metrics that need no references other than those given. */
export function metricsFor(given: readonly Needed[]): MetricName[] {
  return METRIC_NAMES.filter((name) => {
    const { needs }: Metric = METRICS[name];
    return needs === undefined || given.includes(needs);
  });
}

/** One metric of one picture, or the reason if it is not defined. */
export function measure(name: MetricName, subject: Subject, models: QualityModels): Measurement {
  const metric: Metric = METRICS[name];
  if (metric.needs === 'target' && subject.image === subject.target)
    return { reason: 'is the target itself' };
  try {
    const result = metric.measure(subject, models);
    if (typeof result !== 'number') return result;
    if (Number.isFinite(result)) return { value: result };
    return { reason: result === Infinity ? 'infinite: equal to the target' : `no number (${result})` };
  } catch (error) {
    if (error instanceof GlocalError) return { reason: error.message };
    throw error;
  }
}
