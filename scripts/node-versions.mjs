/**
 * Tries the built command in several versions of Node, from the npm package `node`: supported versions must enhance a
 * photo, an older one must say in one sentence that it is too old.
 *
 *     npm run build && node scripts/node-versions.mjs [18 20 22 24]
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const repository = fileURLToPath(new URL('..', import.meta.url));
const command = join(repository, 'dist/node/glocal.js');
const run = promisify(execFile);
const versions = process.argv.length > 2 ? process.argv.slice(2) : ['18', '20', '22', '24'];
const OLDEST = 20;

const root = await mkdtemp(join(tmpdir(), 'glocal-node-'));
try {
  for (const version of versions) {
    const node = await install(version);
    const { stdout: name } = await run(node, ['--version']);
    const result = Number(version) < OLDEST ? await refused(node) : await enhances(node, version);
    console.log(`Node ${name.trim()}: ${result}`);
  }
} finally {
  await rm(root, { recursive: true, force: true });
}

async function install(version) {
  const folder = join(root, version);
  await run('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', `node@${version}`], {
    cwd: root,
  });
  return join(folder, 'node_modules', 'node', 'bin', 'node');
}

async function enhances(node, version) {
  const photo = join(repository, 'examples/flowers.jpg');
  const args = ['enhance', photo, '-o', join(root, `${version}.jpg`), '--json'];
  const { stdout } = await run(node, [command, ...args]);
  const [{ width, height, error }] = JSON.parse(stdout).files;
  if (error !== undefined) throw new Error(error);
  return `enhanced ${width} x ${height}`;
}

async function refused(node) {
  // Its error is expected here.
  const { code, stderr } = await run(node, [command, 'info']).catch((error) => error);
  if (code !== 1 || !/^glocal: this is Node [\d.]+, and glocal needs .*\.\n$/.test(stderr))
    throw new Error(`It did not say that it is too old, but (${code}): ${stderr}`);
  return stderr.trim();
}
