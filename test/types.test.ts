import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** The types as seen by a program that also checks those of its packages (`skipLibCheck: false`). */

const repository = fileURLToPath(new URL('..', import.meta.url));
const compiler = join(repository, 'node_modules/typescript/bin/tsc');
const run = promisify(execFile);

const NODE = `
import { Enhancer, enhanceFile, type ErrorCode, InputError } from './types/index-node';
import { planRun, type TrainedWeights, trainWeights } from './types/index-train';
const enhancer = await Enhancer.create({ model: 'instant' });
const image = { data: new Uint16Array(300), width: 10, height: 10, channels: 3 } as const;
const numbers: Uint16Array = (await enhancer.run(image)).data;
const file: Blob = await enhancer.run(new Uint8Array(3), { output: 'blob', format: 'webp' });
const floats: Float32Array = (await enhancer.run(new URL('file:///a.jpg'), { output: 'float' })).data;
// @ts-expect-error A string is no image.
await enhancer.run('photo.jpg');
const code: ErrorCode = new InputError('x').code;
const train: (options: Parameters<typeof trainWeights>[0]) => Promise<TrainedWeights> = trainWeights;
console.log(numbers, file, floats, code, train, planRun, enhanceFile);
`;

const PAGE = `
import { Enhancer, openGpu } from './types/index';
const enhancer = await Enhancer.create({ model: 'instant' });
const canvas: HTMLCanvasElement = await enhancer.run(new Image(), { output: document.createElement('canvas') });
const bitmap: ImageBitmap = await enhancer.run(new File([], 'a'), { output: 'bitmap' });
const image: ImageData = await enhancer.run(bitmap, { output: 'imageData' });
const { data, width, height } = await enhancer.run(image);
console.log(canvas, new ImageData(data, width, height), openGpu);
// @ts-expect-error A string is no image.
await enhancer.run('photo.jpg');
`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(repository, 'node_modules', '.glocal-types-'));
  await run(process.execPath, [compiler, '-p', 'tsconfig.build.json', '--outDir', join(folder, 'types')], {
    cwd: repository,
  });
  // As scripts/build.mjs puts it beside them.
  const [, list = ''] = /const AMBIENT = \[([\s\S]*?)\n\]/.exec(
    await readFile(join(repository, 'scripts/build.mjs'), 'utf8'),
  )!;
  const names = [...list.matchAll(/'(\w+)'/g)].map(([, name]) => `interface ${name} {}\n`);
  await writeFile(join(folder, 'ambient.d.ts'), names.join(''));
  await writeFile(join(folder, 'node.ts'), NODE);
  await writeFile(join(folder, 'page.ts'), PAGE);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('types', () => {
  it.each([
    ['Node without DOM', 'node.ts', ['ES2023'], ['node']],
    ['Node with DOM', 'node.ts', ['ES2023', 'DOM'], ['node']],
    ['a page', 'page.ts', ['ES2023', 'DOM', 'DOM.Iterable'], []],
  ])('stand in %s', async (name, file, lib, types) => {
    const compilerOptions = {
      ...{ strict: true, noEmit: true, skipLibCheck: false, target: 'ES2022' },
      ...{ module: 'ESNext', moduleResolution: 'Bundler', lib, types },
    };
    const config = join(folder, `${name}.json`);
    await writeFile(config, JSON.stringify({ compilerOptions, files: [file, 'ambient.d.ts'] }));
    const { stdout } = await run(process.execPath, [compiler, '-p', config]).catch((error) => error);
    expect(stdout).toBe('');
  });

  it('name no package that may be absent', async () => {
    const config = join(folder, 'Node without DOM.json');
    const { stdout } = await run(process.execPath, [compiler, '-p', config, '--listFilesOnly']);
    expect(stdout).not.toMatch(/node_modules\/(sharp|webgpu|puppeteer|@webgpu)\//);
  });
});
