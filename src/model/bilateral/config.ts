import { InputError } from '../../errors';
import { type ConfigRules, checkedConfig, isCount, NORM_RULES } from '../check-config';

/** Configuration of the bilateral-grid network. */
export interface BilateralConfig {
  readonly kind: 'bilateral-grid';
  /** Filters of the first convolution; four times as many at the grid's resolution. */
  readonly width: number;
  /** Side in pixels of the square view of the photo that the encoders see: 4 or 8 times `gridSize`. */
  readonly viewSize: number;
  /** Side of the grid in cells: a power of two, 8 or more. */
  readonly gridSize: number;
  /** Levels of the grid along the guide: a multiple of 4. */
  readonly levels: number;
  /** Hidden units of the guide, a per-pixel perceptron. */
  readonly guideWidth: number;
  /** Added to the variance in batch norm. */
  readonly normEpsilon: number;
  /** Weight of a batch in the running statistics. */
  readonly normMomentum: number;
}

const DEFAULTS: BilateralConfig = {
  kind: 'bilateral-grid',
  width: 16,
  viewSize: 128,
  gridSize: 32,
  levels: 8,
  guideWidth: 16,
  normEpsilon: 1e-5,
  normMomentum: 0.1,
};

const isPowerOfTwo = (value: unknown): value is number =>
  isCount(value) && Math.log2(value as number) % 1 === 0;

const RULES: ConfigRules<BilateralConfig> = {
  kind: [(value) => value === 'bilateral-grid', '"bilateral-grid"'],
  width: [isCount, 'a positive integer'],
  viewSize: [(value) => isPowerOfTwo(value) && value >= 32, 'a power of two, 32 or more'],
  gridSize: [(value) => isPowerOfTwo(value) && value >= 8, 'a power of two, 8 or more'],
  levels: [(value) => isCount(value) && (value as number) % 4 === 0, 'a positive multiple of 4'],
  guideWidth: [isCount, 'a positive integer'],
  ...NORM_RULES,
};

/**
 * Fills in the defaults and checks the result.
 *
 * @throws InputError naming the first invalid value or unknown name.
 */
export function bilateralConfig(values: Readonly<Record<string, unknown>> = {}): BilateralConfig {
  const config = checkedConfig(values, DEFAULTS, RULES);
  const { viewSize, gridSize } = config;
  if (viewSize !== 4 * gridSize && viewSize !== 8 * gridSize) {
    throw new InputError(
      `The network configuration has viewSize = ${viewSize}; expected 4 or 8 times gridSize, which is ${gridSize}.`,
    );
  }
  return config;
}
