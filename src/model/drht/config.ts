import { checkedConfig, isCount } from '../check-config';

/** The shape of DRHT. */
export interface DrhtConfig {
  readonly kind: 'drht';
  /** Filters at full resolution of both networks; all others are multiples of it. As published: 64. */
  readonly width: number;
}

/** Both networks halve the image five times: the sides of their input must be multiples of this. */
export const DRHT_SIZE_MULTIPLE = 32;

/**
 * Fills in the published width and checks the result.
 *
 * @throws InputError naming the first value that cannot be used, or a name that is unknown.
 */
export function drhtConfig(values: Readonly<Record<string, unknown>> = {}): DrhtConfig {
  return checkedConfig<DrhtConfig>(
    values,
    { kind: 'drht', width: 64 },
    { kind: [(value) => value === 'drht', '"drht"'], width: [isCount, 'a positive integer'] },
  );
}
