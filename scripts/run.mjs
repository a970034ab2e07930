/** Runs a TypeScript file of this repository in Node: `node scripts/run.mjs bench/overfit.ts [options]`. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const [file] = process.argv.slice(2);
if (!file) throw new Error('Name a file to run.');
const root = fileURLToPath(new URL('..', import.meta.url));
await runnerImport(resolve(file), { root, configFile: false, logLevel: 'warn' });
