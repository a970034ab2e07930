import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Command, CommanderError, type Option } from 'commander';
import { InputError } from '../errors';
import { readRegularFileSync } from '../read-file-node';
import { reason } from '../reason';

/** User defaults for the command line: an object for each command, with options by their long names. */
export const CONFIG_FILE = 'glocal.config.json';

/**
 * The options allowed there. A file found by chance must not decide what is replaced, where results go, which driver
 * is loaded or what a training computes; these stay on the command line.
 */
const CONFIGURABLE: Readonly<Record<string, readonly string[]>> = {
  enhance: [
    ...['model', 'strength', 'keep-hue', 'finish', 'format', 'quality', 'suffix', 'skip-existing'],
    ...['recursive', 'raw-preview', 'jobs', 'tile', 'precision'],
  ],
  eval: ['workers'],
  pairs: ['workers'],
  train: [
    ...['runtime', 'workers', 'validate-every', 'checkpoint-every', 'checkpoint-minutes', 'restarts'],
    ...['loss-every', 'report'],
  ],
};

/** The nearest file of defaults, in the folder or one above it. */
export function findConfigFile(folder: string = process.cwd()): string | undefined {
  const path = join(folder, CONFIG_FILE);
  if (existsSync(path)) return path;
  const parent = dirname(folder);
  return parent === folder ? undefined : findConfigFile(parent);
}

/**
 * Gives `command` the defaults of the file, unless the command line or the environment sets an option.
 *
 * @param program has the commands that the file may name.
 * @throws {InputError} for an unreadable file, an unknown command or option, or a value that is not allowed.
 */
export function applyConfigFile(path: string, program: Command, command: Command): void {
  for (const [name, options] of entries(read(path), path)) {
    const section = program.commands.find((known) => known.name() === name);
    const known = CONFIGURABLE[name];
    if (!section || !known) {
      throw refusal(path, `"${name}" is not a command with defaults. Commands: ${list(CONFIGURABLE)}.`);
    }
    for (const [key, value] of entries(options, `${path}: ${name}`)) {
      const option = section.options.find((candidate) => candidate.name() === key);
      if (!option || !known.includes(key)) {
        throw refusal(path, `"${name}.${key}" cannot be set here. For ${name}: ${known.join(', ')}.`);
      }
      const parsed = parse(option, value, `${name}.${key}`, path);
      const source = section.getOptionValueSource(option.attributeName());
      if (section === command && (source === undefined || source === 'default')) {
        section.setOptionValueWithSource(option.attributeName(), parsed, 'config');
      }
    }
  }
}

function read(path: string): unknown {
  let text: string;
  try {
    text = String(readRegularFileSync(path));
  } catch (cause) {
    throw refusal(path, `it cannot be read: ${reason(cause)}.`);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw refusal(path, `it is not JSON: ${reason(cause)}.`);
  }
}

function entries(value: unknown, what: string): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw refusal(what, 'expected an object, such as { "enhance": { "strength": 0.8 } }.');
  }
  return Object.entries(value);
}

function parse(option: Option, value: unknown, key: string, path: string): unknown {
  if (option.isBoolean()) {
    if (typeof value === 'boolean') return value;
    throw refusal(path, `${key} is ${JSON.stringify(value)}. Give true or false.`);
  }
  if (typeof value !== 'string' && typeof value !== 'number') {
    throw refusal(path, `${key} is ${JSON.stringify(value)}. Give a number or a string.`);
  }
  // Relative weight paths in the file are relative to it.
  if (option.name() === 'model' && /^\.{1,2}[/\\]/.test(String(value))) {
    return resolve(dirname(path), String(value));
  }
  try {
    return option.parseArg ? option.parseArg(String(value), undefined) : String(value);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    throw refusal(path, `${key} is ${JSON.stringify(value)}. ${error.message}`);
  }
}

const refusal = (path: string, problem: string): InputError =>
  new InputError(`${path}: ${problem} Correct the file, or ignore it with --no-config.`, {
    code: 'invalid-option',
  });

const list = (record: Readonly<Record<string, unknown>>): string => Object.keys(record).join(', ');
