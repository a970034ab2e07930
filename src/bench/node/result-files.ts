import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeFileAtomically } from '../../atomic-file-node';
import { InputError } from '../../errors';
import { makeFolder } from '../../make-folder-node';
import { readRegularFileSync } from '../../read-file-node';
import { fileNameOf, mergeResults, parseResult, parseResults } from '../result-file';
import type { BenchResult } from '../results';

/** The folder of recorded results in the repository. */
export const RECORDED = join('bench', 'results');

/**
 * Writes a result to a file, or into a folder under the name of its environment. Existing rows from the same
 * environment are kept.
 *
 * @returns the path.
 * @throws {InputError} if it cannot be written, or contains something else.
 */
export function keepResult(result: BenchResult, out: string): string {
  const path = isFolder(out) ? join(out, fileNameOf(result)) : out;
  const merged = existsSync(path) ? mergeResults(readResult(path), result) : result;
  write(path, `${JSON.stringify(merged, null, 2)}\n`);
  return path;
}

/** @throws {InputError} if there is no result at the path, or several. */
const readResult = (path: string): BenchResult => parseResult(readText(path), path);

/** @throws {InputError} if there is no result at the path. */
export const readResults = (path: string): readonly BenchResult[] => parseResults(readText(path), path);

function readText(path: string): string {
  try {
    return String(readRegularFileSync(path));
  } catch (cause) {
    throw new InputError(`${path} cannot be read: ${reason(cause)}. Name a file of glocal bench --out.`, {
      cause,
    });
  }
}

/** The recorded result for the bench, runtime and adapter of another one. */
export function readRecorded(result: BenchResult, folder: string): BenchResult {
  const path = join(folder, fileNameOf(result));
  if (existsSync(path)) return readResult(path);
  throw new InputError(
    `There is no recorded result ${path} to compare with. Record one with --out ${folder}, or name two files.`,
  );
}

export function write(path: string, text: string): void {
  try {
    makeFolder(dirname(path));
    writeFileAtomically(path, text);
  } catch (cause) {
    throw new InputError(`${path} cannot be written: ${reason(cause)}. Choose another place.`, { cause });
  }
}

const isFolder = (path: string): boolean =>
  /[/\\]$/.test(path) || (existsSync(path) && statSync(path).isDirectory());

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));
