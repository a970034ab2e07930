import { InputError } from '../errors';

/** For each value of a configuration: a predicate, and the same in words. */
export type ConfigRules<T> = { readonly [K in keyof T]: readonly [(value: unknown) => boolean, string] };

export const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 1;

/** Rules for the settings of batch norm. */
export const NORM_RULES: ConfigRules<{ readonly normEpsilon: number; readonly normMomentum: number }> = {
  normEpsilon: [(value) => Number.isFinite(value) && (value as number) > 0, 'a positive number'],
  normMomentum: [
    (value) => Number.isFinite(value) && (value as number) > 0 && (value as number) <= 1,
    'a number above 0 and at most 1',
  ],
};

/**
 * Values over defaults, checked.
 *
 * @throws InputError naming the first invalid value or unknown name.
 */
export function checkedConfig<T extends object>(
  values: Readonly<Record<string, unknown>>,
  defaults: T,
  rules: ConfigRules<T>,
): T {
  for (const name of Object.keys(values)) {
    if (!(name in rules)) {
      throw new InputError(
        `The network configuration has no "${name}". Known are ${Object.keys(rules).join(', ')}.`,
      );
    }
  }
  const config: T = { ...defaults, ...values };
  for (const name of Object.keys(rules) as (keyof T & string)[]) {
    const [holds, expected] = rules[name];
    if (!holds(config[name])) {
      throw new InputError(
        `The network configuration has ${name} = ${JSON.stringify(config[name])}; expected ${expected}.`,
      );
    }
  }
  return config;
}
