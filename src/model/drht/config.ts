import { checkedConfig, isCount } from '../check-config';

/** Configuration of DRHT. */
export interface DrhtConfig {
  readonly kind: 'drht';
  /** Filters of both networks at full resolution; all other widths are multiples of it. As published: 64. */
  readonly width: number;
}

/** Both sides of the input must be multiples of this: both networks halve it five times. */
export const DRHT_SIZE_MULTIPLE = 32;

/**
 * Fills in the published width and checks the result.
 *
 * @throws InputError naming the first invalid value or unknown name.
 */
export function drhtConfig(values: Readonly<Record<string, unknown>> = {}): DrhtConfig {
  return checkedConfig<DrhtConfig>(
    values,
    { kind: 'drht', width: 64 },
    { kind: [(value) => value === 'drht', '"drht"'], width: [isCount, 'a positive integer'] },
  );
}
