import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

// `npm ci` builds it.
const isBuilt = existsSync(at('dist/node'));
if (!isBuilt) console.error('SKIPPED: dist is not built, so that there are no notices to look at.');

test.runIf(isBuilt)('the notices list every package in the builds, with its licence and text', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [at('scripts/notices.mjs')], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  for (const name of [
    'three',
    'fflate',
    'TinyEXR',
    'fft.js',
    'libsvm-js',
    'ml-matrix',
    'uplot',
    'wgpu-matrix',
  ])
    expect(stdout).toContain(name);
});
