/**
 * Checks the package as its users get it: packs it, installs the tarball into a fresh Node project and a fresh Vite
 * app outside of the repository, checks types with `tsc --strict`, and enhances a photo in both.
 *
 *     npm run build && npm run check-package
 *
 * Needs the npm registry (for optional peers, Vite and TypeScript) and a Chrome.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import sharp from 'sharp';

const repository = fileURLToPath(new URL('..', import.meta.url));
const { devDependencies } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8'));
const run = promisify(execFile);
const root = await mkdtemp(join(tmpdir(), 'glocal-package-'));

async function step(name, work) {
  const started = performance.now();
  const said = await work().catch((error) => {
    throw new Error(`${name}: ${error.message}\n${error.stdout ?? ''}${error.stderr ?? ''}`);
  });
  console.log(`${name}: ${said} (${((performance.now() - started) / 1000).toFixed(0)} s)`);
}

const npm = (cwd, ...args) => run('npm', args, { cwd, maxBuffer: 1 << 26 });
const pinned = (name) => `${name}@${devDependencies[name]}`;

async function project(name, files) {
  const folder = join(root, name);
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}

const tsconfig = (module, moduleResolution, lib) =>
  JSON.stringify({
    compilerOptions: {
      strict: true,
      noEmit: true,
      target: 'ES2022',
      module,
      moduleResolution,
      lib,
      skipLibCheck: false,
      // WebGPU's types are part of TypeScript's library DOM.
      types: moduleResolution === 'NodeNext' ? ['node'] : ['vite/client'],
    },
    include: ['*.ts'],
  });

const nodeMain = `
import { Enhancer, enhanceFile, type EnhancedFile, InputError } from 'glocal';

const enhancer = await Enhancer.create({ model: 'instant' });
const done: EnhancedFile = await enhanceFile(enhancer, 'dark.jpg', 'bright.png', { strength: 0.9 });
const { data } = await enhancer.run({ data: new Uint16Array(300), width: 10, height: 10, channels: 3 });
const wide: Uint16Array = data;
console.log(done.width, done.height, wide.length, InputError.name);
await enhancer.dispose();
`;

const webMain = `
import { Enhancer, type EnhancedImage } from 'glocal';

declare global {
  interface Window {
    enhance(base64: string): Promise<number[]>;
  }
}

window.enhance = async (base64) => {
  const file = await (await fetch('data:image/jpeg;base64,' + base64)).blob();
  const enhancer = await Enhancer.create({ model: 'instant' });
  const image: EnhancedImage = await enhancer.run(await createImageBitmap(file));
  await enhancer.dispose();
  return [image.width, image.height, new Set(image.data).size];
};
`;

try {
  let tarball;
  await step('pack', async () => {
    const { stdout } = await npm(
      repository,
      'pack',
      '--json',
      '--ignore-scripts',
      '--pack-destination',
      root,
    );
    const [{ filename, size, files }] = Object.values(JSON.parse(stdout)).flat();
    tarball = join(root, filename);
    const names = files.map(({ path }) => path);
    for (const needed of ['dist/THIRD_PARTY_NOTICES', 'LICENSE', 'SECURITY.md']) {
      if (!names.includes(needed)) throw new Error(`${needed} is not in it`);
    }
    const stray = names.find((name) =>
      /^dist\/(?!browser|node|train-page|types|THIRD_PARTY_NOTICES)/.test(name),
    );
    if (stray) throw new Error(`${stray} does not belong in it`);
    return `${filename}, ${files.length} files, ${(size / 2 ** 20).toFixed(2)} MiB`;
  });

  const noise = Buffer.from(Array.from({ length: 3 * 96 * 64 }, (_, i) => (i * 37 + (i >> 5)) % 90));
  const photo = await sharp(noise, { raw: { width: 96, height: 64, channels: 3 } })
    .jpeg()
    .toBuffer();

  const node = await project('node-script', {
    'package.json': JSON.stringify({ name: 'script', private: true, type: 'module' }),
    'tsconfig.json': tsconfig('NodeNext', 'NodeNext', ['ES2023', 'DOM']),
    'main.ts': nodeMain,
    'main.js': nodeMain.replace(', type EnhancedFile', '').replace(/: (EnhancedFile|Uint16Array)/g, ''),
    'dark.jpg': photo,
  });
  await step('install in Node', async () => {
    // Packages for computing, reading photos and WebGPU in Node are optional peers.
    const others = ['typescript', '@types/node', 'webgpu', 'sharp', '@sparticuz/chromium'].map(pinned);
    await npm(node, 'install', '--no-audit', '--no-fund', tarball, ...others);
    return 'done';
  });
  await step('tsc --strict in Node', async () => {
    await run(join(node, 'node_modules/.bin/tsc'), ['-p', '.'], { cwd: node });
    return 'no error';
  });
  await step('Node script', async () => {
    const { stdout } = await run(process.execPath, ['main.js'], { cwd: node });
    const { width, height, format } = await sharp(join(node, 'bright.png')).metadata();
    if (stdout.trim() !== '96 64 300 InputError' || width !== 96 || height !== 64 || format !== 'png')
      throw new Error(`got ${stdout} and a ${format} of ${width} x ${height}`);
    return stdout.trim();
  });
  await step('command', async () => {
    const { stdout } = await run(
      join(node, 'node_modules/.bin/glocal'),
      ['enhance', 'dark.jpg', '-o', 'out.jpg'],
      {
        cwd: node,
      },
    );
    return stdout.trim().split('\n').at(-1);
  });

  const web = await project('vite-app', {
    'package.json': JSON.stringify({ name: 'app', private: true, type: 'module' }),
    'tsconfig.json': tsconfig('ESNext', 'Bundler', ['ES2023', 'DOM', 'DOM.Iterable']),
    'main.ts': webMain,
    'index.html':
      '<!doctype html><link rel="icon" href="data:," /><script type="module" src="/main.ts"></script>',
  });
  await step('install in Vite app', async () => {
    const others = ['typescript', 'vite'].map(pinned);
    await npm(web, 'install', '--no-audit', '--no-fund', tarball, ...others);
    return 'done';
  });
  await step('tsc --strict in Vite app', async () => {
    await run(join(web, 'node_modules/.bin/tsc'), ['-p', '.'], { cwd: web });
    return 'no error';
  });
  for (const mode of ['build', 'dev'])
    await step(`Vite app (${mode})`, () => inChrome(web, mode, join(node, 'dark.jpg')));
} finally {
  await rm(root, { recursive: true, force: true });
}

/** Serves the app built or in development mode, and enhances a photo in it. */
async function inChrome(folder, mode, photo) {
  const vite = await import(join(folder, 'node_modules/vite/dist/node/index.js'));
  const options = { root: folder, configFile: false, logLevel: 'warn' };
  if (mode === 'build') await vite.build(options);
  const server =
    mode === 'build'
      ? await vite.preview({ ...options, preview: { port: 0 } })
      : await (await vite.createServer({ ...options, server: { port: 0 } })).listen();
  try {
    const script = [join(repository, 'scripts/run.mjs'), join(repository, 'scripts/enhance-in-chrome.ts')];
    const { stdout } = await run(process.execPath, [...script, server.resolvedUrls.local[0], photo]);
    const { made, version } = JSON.parse(stdout);
    const [width, height, colours] = made;
    if (width !== 96 || height !== 64 || colours < 20) throw new Error(`got ${made}`);
    return `${width} x ${height} in ${version}`;
  } finally {
    await server.close();
  }
}
