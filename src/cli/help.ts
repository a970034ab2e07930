import type { Option } from 'commander';

/** Describes an option in words: choices, default, environment variable. */
export function optionDescription({ description, ...option }: Option): string {
  const { argChoices, defaultValue, defaultValueDescription, envVar } = option;
  const facts: string[] = [];
  if (argChoices) facts.push(argChoices.join(', '));
  const standing = defaultValueDescription ?? (isShown(defaultValue) ? String(defaultValue) : undefined);
  if (standing !== undefined) facts.push(`default: ${standing}`);
  if (envVar) facts.push(`or ${envVar}`);
  return facts.length > 0 ? `${description} (${facts.join('; ')})` : description;
}

/** It goes without saying that a switch is off by default. */
const isShown = (value: unknown): boolean =>
  value !== undefined && value !== '' && typeof value !== 'boolean';

export const EXIT_CODES = `
Exit codes: 0 all done, 1 something failed, 2 invalid options, 130 interrupted (Ctrl-C).`;
