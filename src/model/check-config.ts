import { InputError } from '../errors';

/** For each value of a configuration: a predicate, and the same in words. */
export type ConfigRules<T> = { readonly [K in keyof T]: readonly [(value: unknown) => boolean, string] };

export const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 1;

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
        `The network configuration has no «${name}». Known are ${Object.keys(rules).join(', ')}.`,
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
