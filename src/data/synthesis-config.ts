import type { Finish } from '../photo/finish';
import type { FinishedPhotos } from './finished-photo';
import type { FusionExponents } from './mertens';
import type { Range } from './range';
import type { CameraCurve } from './virtual-camera';

/** A normal distribution, redrawn while the draw is not above zero. */
export interface PositiveNormal {
  readonly mean: number;
  readonly deviation: number;
}

/** Defects of cameras and files in the inputs, besides exposure. Absent: nothing, as in the paper. */
export interface Degradation {
  /** Share of inputs with sensor noise, its parameters (`SensorNoise`) log-uniform. */
  readonly noise: { readonly share: number; readonly gain: Range; readonly read: Range };
  /** Share of inputs with JPEG losses, and their range of qualities. */
  readonly jpeg: { readonly share: number; readonly quality: Range };
}

/** Photos taken and finished by others, as an additional source of pairs. */
export interface PhotoSource {
  /** Number of photos; they come after the scenes. */
  readonly count: number;
  /** Share of all pairs that they provide. */
  readonly share: number;
  /** Side of the square crop as a share of the short side. */
  readonly crop: Range;
  /**
   * Share of these pairs in which the photo serves as a scene, and exposure value of their inputs. In the others it
   * is its own target.
   */
  readonly dark: { readonly share: number; readonly exposureValue: Range };
}

/** How HDR scenes become pairs of input and target; plain JSON. */
export interface SynthesisConfig {
  /** Side of a square patch in pixels. */
  readonly patch: number;
  /** Side of the crop of a flat photo as a share of its short side. */
  readonly crop: Range;
  /** The virtual lens used for panoramas instead of the crop; degrees. */
  readonly lens: {
    readonly fieldOfView: Range;
    readonly pitch: Range;
    readonly roll: Range;
  };
  /**
   * Limit on enlarging a scene, on average along an axis; views and crops are widened to meet it. Absent: no limit,
   * as in the paper.
   */
  readonly largestScale?: number;
  /** Probability of each of the two flips, drawn independently. */
  readonly flip: number;
  /** Exposure value v of the input: its geometric mean lies at 0.18 * 2^v before the camera. */
  readonly exposureValue: Range;
  /** Distributions of the camera's parameters. */
  readonly camera: { readonly eta: PositiveNormal; readonly gamma: PositiveNormal };
  readonly degradation?: Degradation;
  /** Pairs that teach the network what to leave unchanged. Absent: none, as in the paper. */
  readonly finished?: FinishedPhotos;
  /** Absent: no photos, as in the paper. */
  readonly photos?: PhotoSource;
  readonly target: {
    /** Exposure values of the photos to fuse. */
    readonly exposureValues: readonly number[];
    /** The camera that takes them; null clips linear light. */
    readonly curve: CameraCurve | null;
    readonly exponents: FusionExponents;
    /** Grey pixels have no saturation, so their weight would be zero under the exponents above. */
    readonly monochromeExponents: FusionExponents;
    /** How to finish the fused picture. Absent: not at all, as in the paper. */
    readonly finish?: Finish;
  };
}

/**
 * The defaults. From the papers: crop, flips, eta and gamma (reading their spread of 0.1 as a deviation), shutter,
 * three exposures, fusion exponents. Chosen here, because the paper does not say: the range of v (which can reproduce
 * the paper's input statistics), the exposure values of the target, and that the mean camera curve takes them. The
 * lens replaces the crop for panoramas.
 */
export const DEFAULT_SYNTHESIS: SynthesisConfig = {
  patch: 128,
  crop: [0.2, 0.6],
  lens: { fieldOfView: [35, 85], pitch: [-25, 25], roll: [-5, 5] },
  flip: 0.5,
  exposureValue: [-4, 0],
  camera: { eta: { mean: 0.6, deviation: 0.1 }, gamma: { mean: 0.9, deviation: 0.1 } },
  target: {
    exposureValues: [-2, 0, 2],
    curve: { eta: 0.6, gamma: 0.9 },
    exponents: { contrast: 1, saturation: 1, exposedness: 1 },
    monochromeExponents: { contrast: 1, saturation: 0, exposedness: 1 },
  },
};

/** The settings for a kind of target. A run that already finishes its targets differently continues to do so. */
export function targetSynthesis(
  name: TargetName,
  { finish, ...fused }: SynthesisConfig['target'] = DEFAULT_SYNTHESIS.target,
): SynthesisConfig['target'] {
  return name === 'finished' ? { ...fused, finish: finish ?? FINISHED_TARGET } : fused;
}

/**
 * Noise from a good camera in daylight to a phone at night, on half of the inputs; JPEG as cameras and messengers
 * write it, independently on half of them.
 */
export const REAL_WORLD: Degradation = {
  noise: { share: 0.5, gain: [1e-5, 1e-3], read: [1e-4, 2e-3] },
  jpeg: { share: 0.5, quality: [60, 95] },
};

/** Kinds of targets: the fused picture unchanged, as in the paper, or finished according to `FINISHED_TARGET`. */
export const TARGET_NAMES = ['fused', 'finished'] as const;
export type TargetName = (typeof TARGET_NAMES)[number];

export const FINISHED_TARGET: Finish = {
  tails: 0.01,
  points: [4, 251],
  leastRange: 60,
  mean: { level: 110, dark: 0, bright: 0 },
  chroma: 0.5,
};

/** From low key to high key: nine of ten well-exposed photos have a mean luminance of 0.12 to 0.46. */
export const FINISHED: Omit<FinishedPhotos, 'share'> = {
  luminance: [0.07, 0.5],
  plain: { share: 0.5, exposureValue: [0, 1.5] },
};

/** Crops that show most of a photo, and inputs darker than people leave their photos. */
export const PHOTOS: Omit<PhotoSource, 'count' | 'share'> = {
  crop: [0.5, 1],
  dark: { share: 0.2, exposureValue: [-4, -1.5] },
};

/**
 * The configuration for validation on the same scenes: the paper's inputs, whatever the run trains on, with the run's
 * targets.
 */
export function validationSynthesis(config: SynthesisConfig, size: number): SynthesisConfig {
  const { degradation, finished, photos, ...plain } = config;
  return { ...plain, patch: size, exposureValue: DEFAULT_SYNTHESIS.exposureValue };
}
