import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../errors';
import { type OpenOpponent, type OpponentName, PACKAGES } from '../opponent';
import { findClone } from './environment';

/**
 * The clone that holds the opponents, which glocal's own package does not bring.
 *
 * @throws {InputError} where one of them is not installed, with what to do.
 */
export function requireOpponents(names: readonly OpponentName[]): string {
  const clone = findClone();
  if (clone === null) {
    throw new InputError(
      '--against needs a clone of the repository, as other frameworks do not come with this package. There: ' +
        'npm ci --prefix bench/opponents',
    );
  }
  const missing = names.filter(
    (name) => !existsSync(join(opponentsFolder(clone), 'node_modules', PACKAGES[name])),
  );
  if (missing.length > 0) {
    throw new InputError(
      `${missing.join(' and ')} cannot be raced, as it is not installed. Run npm ci --prefix bench/opponents`,
    );
  }
  return clone;
}

const opponentsFolder = (clone: string): string => join(clone, 'bench', 'opponents');

/** Loads opponents into this process. They are TypeScript, which Vite takes as it is. */
export async function loadOpponents(clone: string, names: readonly OpponentName[]): Promise<OpenOpponent[]> {
  // By a variable: Vite is there for those who work on glocal, and must not become part of the command.
  const vite = 'vite';
  const { runnerImport } = (await import(/* @vite-ignore */ vite)) as typeof import('vite');
  const loaded: OpenOpponent[] = [];
  for (const name of names) {
    const file = join(opponentsFolder(clone), `${name}.ts`);
    const { module } = await runnerImport<{ open: OpenOpponent }>(file, {
      root: clone,
      configFile: false,
      logLevel: 'warn',
    });
    loaded.push(module.open);
  }
  return loaded;
}
