import { spawn } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'vite';
import { built, repository } from './built';

export interface CliResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface BuiltCli {
  /** Runs `glocal` with these arguments and waits for its end. */
  run(args: readonly string[], options?: { env?: NodeJS.ProcessEnv; cwd?: string }): Promise<CliResult>;
  /** The file that Node runs, for tests that need the process itself. */
  readonly path: string;
  remove(): Promise<void>;
}

/**
 * The command built from the current sources: the last build if nothing has changed since, or a new build in its own
 * folder. @param parts `trainPage`: also the page that `--runtime chrome` trains in.
 */
export async function buildCli(parts: { readonly trainPage?: boolean } = {}): Promise<BuiltCli> {
  const dist = await built();
  if (dist) return command(join(dist, 'node', 'glocal.js'), async () => {});
  // Within the repository, where Node finds the packages that are not bundled.
  const folder = await mkdtemp(join(repository, 'node_modules', '.glocal-cli-'));
  await build({
    configFile: join(repository, 'vite.node.config.ts'),
    logLevel: 'error',
    build: { outDir: join(folder, 'node') },
  });
  if (parts.trainPage) await buildTrainPage(join(folder, 'train-page'));
  return command(join(folder, 'node', 'glocal.js'), () => rm(folder, { recursive: true }));
}

const command = (path: string, remove: () => Promise<void>): BuiltCli => ({
  path,
  run: (args, options = {}) => runNode([path, ...args], options),
  remove,
});

/** The page that `glocal train --runtime chrome` trains in, in a folder of its own. */
export async function buildTrainPage(outDir: string): Promise<void> {
  const dist = await built();
  if (dist) {
    await cp(join(dist, 'train-page'), outDir, { recursive: true });
    return;
  }
  await build({
    configFile: false,
    logLevel: 'error',
    root: join(repository, 'src/train/page'),
    base: './',
    worker: { format: 'es' },
    build: { outDir, target: 'es2022' },
  });
}

function runNode(args: readonly string[], { env = process.env, cwd = repository }): Promise<CliResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
