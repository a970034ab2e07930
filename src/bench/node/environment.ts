import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe } from '../../gpu/device';
import type { AdapterTraits } from '../../gpu/types';
import type { Environment } from '../results';

/** The repository clone that this code runs from; null if installed as a package. */
export function findClone(): string | null {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (folder !== dirname(folder)) {
    if (existsSync(join(folder, 'bench', 'opponents', 'package.json'))) return folder;
    folder = dirname(folder);
  }
  return null;
}

/** Describes where a measurement was made. */
export function describeEnvironment(
  traits: AdapterTraits,
  { driver, runtime, kernels }: Pick<Environment, 'driver' | 'runtime' | 'kernels'>,
): Environment {
  const processors = cpus();
  return {
    adapter: describe(traits),
    software: traits.isSoftware,
    driver,
    runtime,
    kernels,
    processor: processors[0]?.model ?? 'unknown',
    threads: processors.length,
    platform: `${process.platform} ${process.arch}`,
  };
}

/** The checked-out commit, with `+` if files were changed since; null outside of a clone. */
export async function commitOf(clone: string | null): Promise<string | null> {
  if (clone === null) return null;
  const git = async (...args: string[]) => {
    const { stdout } = await promisify(execFile)('git', ['-C', clone, ...args]);
    return stdout.trim();
  };
  try {
    const changed = await git('status', '--porcelain', '--untracked-files=no', 'src', 'shaders');
    return (await git('rev-parse', '--short=10', 'HEAD')) + (changed === '' ? '' : '+');
  } catch {
    return null;
  }
}
