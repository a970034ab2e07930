import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lime } from '../../src/eval/baselines/lime';
import { entropy } from '../../src/eval/metrics/entropy';
import { exposureOf } from '../../src/eval/metrics/exposure';
import { niqe } from '../../src/eval/metrics/niqe';
import { parseNiqeModel } from '../../src/eval/metrics/niqe-model';
import { psnr } from '../../src/eval/metrics/psnr';
import { encodeRadiance } from '../data/procedural';
import { testPicture, testScene } from '../eval/procedural';
import { type BuiltCli, buildCli } from '../support/cli';

const picture = testPicture(200, 170);
const target = testPicture(200, 170, 2);
let cli: BuiltCli;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'glocal-score-'));
  for (const [name, image] of [
    ['a.png', picture],
    ['b.png', target],
    ['small.png', testPicture(40, 40)],
  ] as const) {
    await writeFile(join(folder, name), await png(image));
  }
  const scene = testScene(picture);
  await writeFile(join(folder, 'a.hdr'), encodeRadiance({ ...scene, data: Float32Array.from(scene.data) }));
  cli = await buildCli();
});
afterAll(async () => {
  await cli?.remove();
  await rm(folder, { recursive: true, force: true });
});

function png({ width, height, data }: typeof picture): Promise<Buffer> {
  return sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

const run = (...args: string[]) => cli.run(['eval', ...args], { cwd: folder });

describe('glocal eval score', () => {
  it('measures pictures, and explains missing numbers', async () => {
    const { code, stdout, stderr } = await run('score', 'a.png', '--target', 'b.png', '--json');
    expect([code, stderr]).toEqual([0, '']);
    const [scored] = JSON.parse(stdout);
    expect(scored).toMatchObject({ file: 'a.png', width: 200, height: 170 });
    expect(scored.metrics.entropy.value).toBeCloseTo(entropy(picture.data), 12);
    expect(scored.metrics.psnr.value).toBeCloseTo(psnr(picture.data, target.data), 12);
    expect(scored.metrics.brisque).toEqual({ reason: 'needs a model' });
    expect(scored.metrics.tmqi).toEqual({ reason: 'needs the HDR picture' });
    expect(scored.metrics.niqe.value).toBeGreaterThan(0);
  });

  it('measures against an HDR picture, and prints a list', async () => {
    const { code, stdout } = await run('score', 'a.png', '--hdr', 'a.hdr', '--metrics', 'tmqi,entropy');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^a\.png \(200 x 170\)\n {2}TMQI +0\.\d{4} {2}\(larger is better\)\n {2}Entropy/);
  });

  it('refuses what does not fit', async () => {
    const fault = async (...args: string[]) => {
      const { code, stdout, stderr } = await run('score', ...args);
      expect(stdout).toBe('');
      return `${code} ${stderr}`;
    };
    expect(await fault('a.png', '--metrics', 'beauty')).toMatch(/^2 .*Unknown metric "beauty"/s);
    expect(await fault('a.hdr')).toMatch(/^1 .*a\.hdr is not an image/);
    expect(await fault('a.png', '--target', 'small.png')).toMatch(/^1 .*200 x 170 and small\.png is 40 x 40/);
    expect(await fault('a.png', '--niqe-model', 'a.png')).toMatch(/^1 .*is not a NIQE model/);
    expect(await fault('a.png', '--brisque-model', 'a.hdr', '--brisque-range', 'a.hdr')).toMatch(
      /not a BRISQUE model/,
    );
    expect(await fault('a.png', '--brisque-range', 'a.hdr')).toMatch(/--brisque-model/);
  });
});

describe('glocal eval apply', () => {
  it('runs a baseline', async () => {
    const { code, stdout, stderr } = await run('apply', 'lime', 'a.png', '-o', 'lime.png');
    expect([code, stdout, stderr]).toEqual([0, '', '']);
    const pixels = await sharp(join(folder, 'lime.png')).raw().toBuffer();
    expect(new Uint8Array(pixels)).toEqual(lime(picture).data);
  });

  it('refuses unknown methods and endings, and leaves nothing behind', async () => {
    expect(await run('apply', 'magic', 'a.png', '-o', 'x.png')).toMatchObject({ code: 2 });
    const { code, stderr } = await run('apply', 'he', 'a.png', '-o', 'x.gif');
    expect([code, stderr]).toEqual([1, expect.stringMatching(/x\.gif: results are written as \.png/)]);
    expect((await readdir(folder)).filter((name) => name.startsWith('x'))).toEqual([]);
    const own = await run('apply', 'he', 'a.png', '-o', './a.png');
    expect([own.code, own.stderr]).toEqual([1, expect.stringMatching(/is the picture itself/)]);
  });
});

describe('glocal eval fit-niqe', () => {
  it('fits a model that score can use', async () => {
    const pictures = await mkdtemp(join(folder, 'pristine-'));
    for (const seed of [1, 2])
      await writeFile(join(pictures, `${seed}.png`), await png(testPicture(576, 480, seed)));
    await writeFile(join(pictures, 'small.png'), await png(testPicture(96, 96)));
    const { code, stderr } = await run('fit-niqe', pictures, '-o', 'niqe.json', '--source', 'two pictures');
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /small\.png: left out\. NIQE needs two patches.*\nniqe\.json: fitted to \d+ patches of 2/s,
    );
    const text = await readFile(join(folder, 'niqe.json'), 'utf8');
    expect(JSON.parse(text)).toMatchObject({ source: 'two pictures', pictures: 2 });
    const wide = testPicture(200, 100, 5);
    await writeFile(join(folder, 'wide.png'), await png(wide));
    const scored = await run('score', 'wide.png', '--metrics', 'niqe', '--niqe-model', 'niqe.json', '--json');
    expect(JSON.parse(scored.stdout)[0].metrics.niqe.value).toBeCloseTo(
      niqe(wide, parseNiqeModel(text, '')),
      9,
    );
  });

  it('refuses a folder without pictures', async () => {
    const empty = await mkdtemp(join(folder, 'empty-'));
    const { code, stderr } = await run('fit-niqe', empty, '-o', 'none.json');
    expect([code, stderr]).toEqual([1, expect.stringMatching(/has no pictures/)]);
  });
});

describe('glocal eval fit-brisque', () => {
  it('fits a model that score can use, and skips what cannot be read', async () => {
    const scored = await mkdtemp(join(folder, 'scored-'));
    const rows = [1, 2, 3, 4].map((seed) => `${seed}.png,${10 * seed}`);
    for (const seed of [1, 2, 3, 4])
      await writeFile(join(scored, `${seed}.png`), await png(testPicture(48, 40, seed)));
    await writeFile(join(scored, 'scores.csv'), ['file,score', ...rows, 'gone.png,5'].join('\n'));
    const { code, stderr } = await run(
      'fit-brisque',
      scored,
      '--scores',
      join(scored, 'scores.csv'),
      '-o',
      'mymodel',
    );
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /gone\.png: left out\. .*cannot be read.*\nmymodel, myrange: fitted to 4 pictures/s,
    );
    const result = await run(
      'score',
      join(scored, '3.png'),
      '--metrics',
      'brisque',
      '--brisque-model',
      'mymodel',
      '--json',
    );
    expect(Math.abs(JSON.parse(result.stdout)[0].metrics.brisque.value - 30)).toBeLessThan(0.2);
  });

  it('refuses invalid scores, and leaves nothing behind', async () => {
    await writeFile(join(folder, 'bad.csv'), 'a.png,fine\nb.png,good\n');
    const { code, stderr } = await run('fit-brisque', '.', '--scores', 'bad.csv', '-o', 'none');
    expect([code, stderr]).toEqual([1, expect.stringMatching(/bad\.csv: line 2/)]);
    await writeFile(join(folder, 'few.csv'), 'a.png,1\n');
    const few = await run('fit-brisque', '.', '--scores', 'few.csv', '-o', 'none');
    expect([few.code, few.stderr]).toEqual([1, expect.stringMatching(/different scores/)]);
    expect((await readdir(folder)).filter((name) => name.startsWith('none'))).toEqual([]);
    expect(await run('fit-brisque', '.', '--scores', 'few.csv', '-o', 'none', '--cost', '0')).toMatchObject({
      code: 2,
    });
  });
});

describe('glocal eval exposure', () => {
  it('reports changes of photos, largest first', async () => {
    const photos = join(folder, 'photos');
    await mkdir(photos);
    await writeFile(join(photos, 'dark.png'), await png(darker(picture)));
    await writeFile(join(photos, 'good.png'), await png(picture));
    await writeFile(
      join(photos, 'bl\x1back.png'),
      await png({ ...picture, data: picture.data.map(() => 0) }),
    );
    await writeFile(join(photos, 'broken.png'), 'not a picture');
    const { code, stdout, stderr } = await run('exposure', 'photos', '--model', NANO, '--json');
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/^broken\.png: left out\. /m);
    const report = JSON.parse(stdout);
    expect(report.photos.map(({ file }: { file: string }) => file)).toEqual([
      ...['bl\x1back.png', 'dark.png', 'good.png'],
    ]);
    const [, dark] = report.photos;
    expect(dark.before).toEqual(exposureOf(darker(picture).data));
    expect(dark.after.luminance).toBeGreaterThan(2 * dark.before.luminance);
    expect(report.clippedMore).toEqual([]);
    const table = await run('exposure', 'photos', '--model', NANO, '--worst', '2');
    // A change from zero black has no share. The terminal gets no control characters.
    expect(table.stdout).toMatch(
      /^all 3 photos .*\nbl\\x1back\.png +0\.0000 +0\.\d+ +- .*\ndark\.png .*\nIn either direction, luminance changes by [\d.]+ % on average/m,
    );
  });

  it('refuses a folder without pictures', async () => {
    await mkdir(join(folder, 'empty'));
    const { code, stderr } = await run('exposure', 'empty');
    expect([code, stderr]).toEqual([1, expect.stringMatching(/empty has no pictures/)]);
  });
});

const NANO = fileURLToPath(new URL('../../weights/nano.safetensors', import.meta.url));
const darker = ({ data, ...size }: typeof picture) => ({ ...size, data: data.map((level) => level / 8) });
