import type { Option } from 'commander';

/** As a person would put it: what may be given, what holds otherwise, which variable names it. */
export function optionDescription({ description, ...option }: Option): string {
  const { argChoices, defaultValue, defaultValueDescription, envVar } = option;
  const facts: string[] = [];
  if (argChoices) facts.push(argChoices.join(', '));
  const standing = defaultValueDescription ?? (isShown(defaultValue) ? String(defaultValue) : undefined);
  if (standing !== undefined) facts.push(`default: ${standing}`);
  if (envVar) facts.push(`or ${envVar}`);
  return facts.length > 0 ? `${description} (${facts.join('; ')})` : description;
}

/** A switch is off unless it is given, which goes without saying. */
const isShown = (value: unknown): boolean =>
  value !== undefined && value !== '' && typeof value !== 'boolean';

export const EXIT_CODES = `
Exit codes: 0 all done, 1 something failed, 2 the options cannot be, 130 interrupted (Ctrl-C).`;
