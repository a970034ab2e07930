import { existsSync } from 'node:fs';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The inputs of the build. */
const INPUTS = ['src', 'shaders', 'weights', 'examples', 'scripts', 'package.json', 'package-lock.json'];
const CONFIGURATION = /^(vite|tsconfig).*\.(ts|json)$/;

/** Marks a finished build; `npm ci` removes it with its folder. */
const STAMP = 'node_modules/.glocal-built';

/** Whether the last build is newer than all its inputs. */
export async function isUpToDate(root) {
  const stamp = await stat(join(root, STAMP)).catch(() => null);
  if (!stamp || !existsSync(join(root, 'dist'))) return false;
  const configurations = (await readdir(root)).filter((name) => CONFIGURATION.test(name));
  const paths = [...INPUTS, ...configurations].map((name) => join(root, name));
  const changes = await Promise.all(paths.map(newestChange));
  return Math.max(...changes) <= stamp.mtimeMs;
}

/** Called when everything is built. */
export async function markBuilt(root) {
  await writeFile(join(root, STAMP), '');
}

/** Time of the last change of a file, or of anything in a folder; 0 if there is none. */
async function newestChange(path) {
  const status = await stat(path).catch(() => null);
  if (!status?.isDirectory()) return status?.mtimeMs ?? 0;
  const within = await Promise.all((await readdir(path)).map((name) => newestChange(join(path, name))));
  return Math.max(status.mtimeMs, ...within);
}
