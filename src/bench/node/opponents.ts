import { existsSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InputError } from '../../errors';
import { type OpenOpponent, type OpponentName, PACKAGES } from '../opponent';
import { findClone } from './environment';

/**
 * The clone with the opponents, which are not part of glocal's package.
 *
 * @throws {InputError} with instructions if one of them is not installed.
 */
export function requireOpponents(names: readonly OpponentName[]): string {
  const clone = findClone();
  if (clone === null) {
    throw new InputError(
      '--against needs a clone of the repository, since other frameworks do not come with this package. There: ' +
        'npm ci --prefix bench/opponents',
    );
  }
  const missing = names.filter((name) => {
    const needed = PACKAGES[name];
    return needed !== undefined && !existsSync(join(opponentsFolder(clone), 'node_modules', needed));
  });
  if (missing.length > 0) {
    throw new InputError(
      `${missing.join(' and ')} cannot be measured, since it is not installed. Run npm ci --prefix bench/opponents`,
    );
  }
  return clone;
}

const opponentsFolder = (clone: string): string => join(clone, 'bench', 'opponents');

/** Vite is available to developers of glocal and must not become part of the command. */
export async function loadVite(): Promise<typeof import('vite')> {
  const name = 'vite';
  return (await import(/* @vite-ignore */ name)) as typeof import('vite');
}

/** Loads opponents into this process, bundling them first, since they are TypeScript written for bundlers. */
export async function loadOpponents(clone: string, names: readonly OpponentName[]): Promise<OpenOpponent[]> {
  const { build } = await loadVite();
  // A place from which Node resolves packages outside of the bundle.
  const folder = await mkdtemp(join(opponentsFolder(clone), '.bundle-'));
  // Only at the end: jax-js loads a part of itself when opened.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  await build({
    root: clone,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    ssr: { target: 'node', noExternal: true, external: ['onnxruntime-node', 'onnxruntime-web'] },
    build: {
      ssr: true,
      outDir: folder,
      target: 'node20',
      minify: false,
      rollupOptions: {
        input: Object.fromEntries(names.map((name) => [name, join(opponentsFolder(clone), `${name}.ts`)])),
        output: { entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' },
      },
    },
  });
  const load = async (name: OpponentName) => {
    const file = pathToFileURL(join(folder, `${name}.mjs`)).href;
    return ((await import(/* @vite-ignore */ file)) as { open: OpenOpponent }).open;
  };
  return await Promise.all(names.map(load));
}
