import { type ConfigRules, checkedConfig, isCount, NORM_RULES } from './check-config';

/**
 * Where the global feature joins the local ones, which the paper's text leaves open. `P`: after the last local pair,
 * followed directly by a transposed convolution. `A`: four local pairs; the pooled fourth is joined, and a pair
 * follows. `C`: as P, with one more pair after the join.
 */
type JoinVariant = 'P' | 'A' | 'C';

/** Configuration of the local-global network. */
export interface NetworkConfig {
  readonly kind: 'local-global';
  /** Filters of the first pair of convolutions; doubled at each of the four levels below. Paper: 32. */
  readonly width: number;
  /** Filters of every global convolution. Paper: 64. */
  readonly globalWidth: number;
  /** Side in pixels of the square image that the global encoder sees; a multiple of 32. Paper: 128. */
  readonly globalSize: number;
  /** Without it, the network is a plain U-Net, for comparison. */
  readonly globalEncoder: boolean;
  readonly join: JoinVariant;
  /** Side of the last convolution's kernel: 1 or 3. */
  readonly outputKernel: number;
  /**
   * Kernels of the transposed convolutions. `free`: as in the paper, which leaves a faint grid on smooth areas.
   * `balanced`: training removes the part of each kernel that makes the grid (`src/kernels/balance-kernel.ts`); the
   * resulting weights need nothing special.
   */
  readonly upsampling: 'free' | 'balanced';
  /** Added to the variance in batch norm. */
  readonly normEpsilon: number;
  /** Weight of a batch in the running statistics. */
  readonly normMomentum: number;
}

/** The paper's network, in its most probable reading. */
const PAPER: NetworkConfig = {
  kind: 'local-global',
  width: 32,
  globalWidth: 64,
  globalSize: 128,
  globalEncoder: true,
  join: 'P',
  outputKernel: 3,
  upsampling: 'free',
  normEpsilon: 1e-5,
  normMomentum: 0.1,
};

/** Named sizes. */
export const PRESETS = {
  nano: { ...PAPER, width: 8, globalWidth: 16 },
  small: { ...PAPER, width: 16, globalWidth: 32 },
  paper: PAPER,
} as const satisfies Record<string, NetworkConfig>;

export type PresetName = keyof typeof PRESETS;

/** Both sides of the input must be multiples of this: the network halves it four times. */
export const SIZE_MULTIPLE = 16;

const RULES: ConfigRules<NetworkConfig> = {
  kind: [(value) => value === 'local-global', '"local-global"'],
  width: [isCount, 'a positive integer'],
  globalWidth: [isCount, 'a positive integer'],
  globalSize: [(value) => isCount(value) && (value as number) % 32 === 0, 'a positive multiple of 32'],
  globalEncoder: [(value) => typeof value === 'boolean', 'true or false'],
  join: [(value) => value === 'P' || value === 'A' || value === 'C', '"P", "A" or "C"'],
  outputKernel: [(value) => value === 1 || value === 3, '1 or 3'],
  upsampling: [(value) => value === 'free' || value === 'balanced', '"free" or "balanced"'],
  ...NORM_RULES,
};

/**
 * Fills in the paper's values and checks the result.
 *
 * @throws InputError naming the first invalid value or unknown name.
 */
export function networkConfig(values: Readonly<Record<string, unknown>> = {}): NetworkConfig {
  return checkedConfig<NetworkConfig>(values, PAPER, RULES);
}
