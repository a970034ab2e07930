import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser, openPage } from '../support/page';
import { randomImage } from './support';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

interface Example {
  readonly runtime: 'node' | 'browser';
  readonly code: string;
  readonly file: string;
}

let folder: string;
const examples: Example[] = [];

/** The examples of docs/api.md as files that import the sources instead of the package. */
beforeAll(async () => {
  folder = await mkdtemp(join(repository, 'node_modules', '.glocal-examples-'));
  const text = await readFile(join(repository, 'docs/api.md'), 'utf8');
  for (const [, runtime, code] of text.matchAll(/```ts (node|browser)\n([\s\S]*?)```/g)) {
    const entry = join(repository, 'src', runtime === 'node' ? 'index-node' : 'index');
    const trainEntry = join(repository, 'src/index-train');
    const file = join(folder, `example-${examples.length}.ts`);
    examples.push({ runtime: runtime as Example['runtime'], code: code!, file });
    // Test drivers call the functions declared by an example.
    const names = [...code!.matchAll(/^async function (\w+)/gm)].map(([, name]) => name);
    const local = code!.replace("'glocal'", `'${entry}'`).replace("'glocal/train'", `'${trainEntry}'`);
    await writeFile(file, `${local}\nexport { ${names.join(', ')} };\n`);
  }
  const options = { types: ['node', '@webgpu/types', 'vite/client'], noUnusedLocals: true };
  const extended = join(repository, 'tsconfig.json');
  const project = { extends: extended, compilerOptions: options, include: ['*.ts'], exclude: [] };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(project));
  const { data } = randomImage(64, 48);
  const photo = sharp(data, { raw: { width: 64, height: 48, channels: 4 } });
  await photo.jpeg().toFile(join(folder, 'dark.jpg'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('docs/api.md', () => {
  it('has examples for Node and browser, all of them marked', async () => {
    const text = await readFile(join(repository, 'docs/api.md'), 'utf8');
    expect(text.match(/^```ts/gm)).toHaveLength(examples.length);
    expect(new Set(examples.map(({ runtime }) => runtime))).toEqual(new Set(['node', 'browser']));
  });

  it('compiles', async () => {
    const compiler = join(repository, 'node_modules/typescript/bin/tsc');
    const { stdout } = await run(process.execPath, [compiler, '-p', folder]).catch((error) => error);
    expect(stdout).toBe('');
  });

  it('runs in Node', async () => {
    const all = join(folder, 'all.ts');
    const files = examples.filter(({ runtime }) => runtime === 'node').map(({ file }) => file);
    await writeFile(all, files.map((file) => `await import('${file}');\n`).join(''));
    const script = join(repository, 'scripts/run.mjs');
    const { stdout } = await run(process.execPath, [script, all], { cwd: folder });
    expect(stdout).toMatch(/^64 x 48\n/);
    expect(stdout).toMatch(/100 %\n9216 \d+\ntrue\n[\s\S]*stopped/);
    for (const name of ['bright.jpg', 'bright.webp'])
      expect((await sharp(join(folder, name)).metadata()).width).toBe(64);
  });

  it.skipIf(!hasBrowser())('runs in a browser', async () => {
    const example = examples.find(({ runtime }) => runtime === 'browser')!;
    const page = join(folder, 'page.ts');
    await writeFile(page, `import { show } from '${example.file}';\nObject.assign(window, { show });\n`);
    const opened = await openPage(page);
    try {
      const photo = (await readFile(join(folder, 'dark.jpg'))).toString('base64');
      const shown = await opened.page.evaluate(async (base64) => {
        const file = await (await fetch(`data:image/jpeg;base64,${base64}`)).blob();
        const canvas = document.createElement('canvas');
        await (window as unknown as { show(file: Blob, canvas: HTMLCanvasElement): Promise<void> }).show(
          file,
          canvas,
        );
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
        return { width: canvas.width, height: canvas.height, data: [...data] };
      }, photo);
      expect([shown.width, shown.height]).toEqual([64, 48]);
      const before = await sharp(join(folder, 'dark.jpg')).ensureAlpha().raw().toBuffer();
      expect(shown.data).not.toEqual([...before]);
      expect(new Set(shown.data).size).toBeGreaterThan(50);
    } finally {
      await opened.close();
    }
  });
});
