import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('../../scripts/check-imports.mjs', import.meta.url));
const folders: string[] = [];

/** Runs the check over a made-up `src/`. */
async function check(files: Readonly<Record<string, string>>): Promise<{ code: number; stderr: string }> {
  const root = await mkdtemp(join(tmpdir(), 'glocal-imports-'));
  folders.push(root);
  await mkdir(join(root, 'src'));
  for (const [name, code] of Object.entries(files)) {
    await mkdir(dirname(join(root, 'src', name)), { recursive: true });
    await writeFile(join(root, 'src', name), code);
  }
  return new Promise((resolve) => {
    execFile(process.execPath, [script, root], (error, _, stderr) =>
      resolve({ code: error ? 1 : 0, stderr }),
    );
  });
}

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

const device = 'export interface Gpu {}\nexport const open = 1;\n';

describe('check-imports', () => {
  it('accepts imports along the arrows', async () => {
    const result = await check({
      'errors.ts': 'export class Wrong extends Error {}\n',
      'gpu/device.ts': device,
      'kernels/add.ts': "import { Wrong } from '../errors';\nimport type { Gpu } from '../gpu/device';\n",
      'graph/graph.ts': "import '../kernels/add';\nimport code from '../../shaders/add.wgsl?raw';\n",
      'enhance/photo-node.ts': "import sharp from 'sharp';\nimport { readFile } from 'node:fs/promises';\n",
      'cli/main.ts': "const all = await import('../enhance/photo-node');\n",
      'index-node.ts': "export * from './enhance/photo-node';\n",
    });
    expect(result).toEqual({ code: 0, stderr: '' });
  });

  it.each([
    [
      'an arrow that runs the other way',
      { 'gpu/a.ts': "import '../graph/b';", 'graph/b.ts': '' },
      'gpu may not import graph',
    ],
    [
      'an export from elsewhere',
      { 'data/a.ts': "\nexport * from '../gpu/b';", 'gpu/b.ts': '' },
      'src/data/a.ts:2: data may',
    ],
    [
      'a value where only types may go',
      { 'kernels/a.ts': "import { open } from '../gpu/b';", 'gpu/b.ts': device },
      'types only',
    ],
    [
      'a package of Node',
      { 'enhance/a.ts': "\n\nimport sharp from 'sharp';" },
      'src/enhance/a.ts:3: imports "sharp"',
    ],
    ['a module of Node', { 'app/a.ts': "const fs = await import('node:fs');" }, 'imports "node:fs"'],
    [
      'a file for Node',
      { 'train/a.ts': "import './node/b';", 'train/node/b.ts': '' },
      'train/node/b.ts needs Node',
    ],
    [
      'a worker for Node',
      { 'data/a.ts': "new URL('./b-node.ts', import.meta.url);", 'data/b-node.ts': '' },
      'needs Node',
    ],
    [
      'a shared file that knows a room',
      { 'errors.ts': "import './gpu/b';", 'gpu/b.ts': '' },
      'open to all rooms',
    ],
    [
      'a room nobody knows',
      { 'attic/a.ts': "import '../gpu/b';", 'gpu/b.ts': '' },
      'the room attic is not in',
    ],
    [
      'a circle',
      { 'gpu/a.ts': "import './b';", 'gpu/b.ts': "import type {} from './c';", 'gpu/c.ts': "import './a';" },
      'src/gpu/a.ts: imports run in a circle: gpu/a.ts, gpu/b.ts, gpu/c.ts',
    ],
    [
      'an arrow of the picture that is not allowed',
      { '../docs/architecture.md': '  gpu --> kernels\n' },
      'the picture has an arrow from gpu to kernels, which is not allowed',
    ],
    [
      'an arrow that the picture lacks',
      { '../docs/architecture.md': '  enhance --> photo\n' },
      'the picture has no way from enhance to model',
    ],
    ['the whole from within', { 'gpu/a.ts': "import '../index';", 'index.ts': '' }, 'imports index.ts'],
  ])('finds %s', async (_, files, message) => {
    const { code, stderr } = await check(files);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
  });
});
