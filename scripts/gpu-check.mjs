/**
 * Checks and measures everything on a machine with a GPU: `node scripts/gpu-check.mjs [FOLDER]`, after `npm ci` and
 * `npm ci --prefix bench/opponents`. Needs Node and a Vulkan driver (on Linux), Metal or Direct3D. Checks first that
 * every kernel is correct there, then how fast it is. Results and output go to FOLDER (default: gpu-check); `glocal
 * bench compare` reads them. `--quick` rehearses every step with a few tests and one round of small sizes, on any
 * adapter (`GLOCAL_DRIVER=lavapipe`); its figures mean nothing.
 */
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const args = process.argv.slice(2);
const isQuick = args.includes('--quick');
const folder = args.find((argument) => !argument.startsWith('--')) ?? 'gpu-check';
const results = ['--runtime', 'node', '--out', `${folder}/`, ...(isQuick ? [] : ['--against', 'tfjs'])];
const SMALL = ['--quick', '--width', '4', '--size', '32'];
const bench = (name, ...options) => ({
  name,
  command: ['scripts/glocal.mjs', 'bench', name, ...(isQuick ? SMALL : options), ...results],
});

/** In order: steps that others depend on come first. */
const STEPS = [
  { name: 'info', command: ['scripts/glocal.mjs', 'info'], needed: true },
  {
    name: 'kernels-right',
    command: [
      'node_modules/vitest/vitest.mjs',
      'run',
      ...(isQuick
        ? ['test/kernels/kernels.test.ts', '-t', 'max-pool']
        : ['test/kernels', 'test/enhance/device-faults.test.ts']),
    ],
    needed: true,
  },
  {
    name: 'tune',
    command: ['scripts/glocal.mjs', 'bench', 'tune', ...(isQuick ? ['--rounds', '1', '--sample', '0'] : [])],
    // A rehearsal must not change which kernels later runs use.
    env: isQuick ? { XDG_CACHE_HOME: resolve(folder, 'cache') } : {},
  },
  bench('kernels', '--width', '8,16,32'),
  bench('network', '--size', '1024'),
  bench('training', '--batch', '16'),
  { name: 'host-path', command: ['scripts/run.mjs', 'bench/host-path.ts', isQuick ? '1' : '12'] },
];

/** Runs a step, showing and keeping its output. */
function run({ name, command, env: own = {} }) {
  return new Promise((resolve, reject) => {
    const log = createWriteStream(join(folder, `${name}.txt`));
    // Uses the machine's own driver, whatever software adapters are installed.
    const env = { ...(process.platform === 'linux' && { GLOCAL_DRIVER: 'system' }), ...process.env, ...own };
    const child = spawn(process.execPath, command, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        process.stdout.write(chunk);
        log.write(chunk);
      });
    }
    child.on('error', reject);
    child.on('close', (code) => log.end(() => resolve(code ?? 1)));
  });
}

await mkdir(folder, { recursive: true });
const failed = [];
for (const step of STEPS) {
  console.log(`\n== ${step.name}: node ${step.command.join(' ')}`);
  if ((await run(step)) === 0) continue;
  failed.push(step.name);
  if (!step.needed) continue;
  console.error(
    `${step.name} failed, so figures would be meaningless. See ${join(folder, `${step.name}.txt`)}.`,
  );
  break;
}
if (failed.length > 0) console.error(`Failed: ${failed.join(', ')}. Their output is in ${folder}.`);
else console.log(`Done. Send the folder ${folder}, or compare it: npx glocal bench compare`);
process.exitCode = failed.length > 0 ? 1 : 0;
