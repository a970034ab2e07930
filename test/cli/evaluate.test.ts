import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listBundledScenes } from '../../src/data/node/bundled-scenes';
import { sceneSource } from '../../src/data/node/scenes';
import { splitScenes } from '../../src/data/split';
import { DEFAULT_SYNTHESIS, FINISHED_TARGET } from '../../src/data/synthesis-config';
import { validationPairs } from '../../src/data/validation-set';
import { entropy } from '../../src/eval/metrics/entropy';
import { psnr } from '../../src/eval/metrics/psnr';
import type { Evaluation } from '../../src/eval/node/evaluate';
import { drhtConfig } from '../../src/model/drht/config';
import { initialDrhtWeights } from '../../src/model/drht/initialise';
import { encodeWeights } from '../../src/model/weights';
import { TINY, tinyWeights } from '../enhance/support';
import { testPicture } from '../eval/procedural';
import { type BuiltCli, buildCli } from '../support/cli';
import { writeScenes } from '../train/scenes';

let cli: BuiltCli;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'glocal-eval-'));
  await writeFile(join(folder, 'tiny.safetensors'), tinyWeights());
  writeScenes(join(folder, 'scenes'), ['a', 'b', 'c', 'd', 'e', 'f']);
  cli = await buildCli();
});
afterAll(async () => {
  await cli?.remove();
  await rm(folder, { recursive: true, force: true });
});

/** On the scenes of this package, which take some seconds to read. */
const evaluateBundled = (...args: string[]) =>
  cli.run(['eval', '--model', join(folder, 'tiny.safetensors'), '--pairs', '3', '--size', '36', ...args]);

/** On small scenes. */
const evaluate = (...args: string[]) => evaluateBundled('--data', join(folder, 'scenes'), ...args);

describe('glocal eval', () => {
  it('measures input, baselines and model on held-out scenes, and names them', async () => {
    const { code, stdout } = await evaluateBundled('--json');
    expect(code).toBe(0);
    const evaluation: Evaluation = JSON.parse(stdout);
    const { validation } = splitScenes(await listBundledScenes());
    const names = validation.map(({ name }) => name);
    expect(evaluation.sources.every((name) => names.includes(name))).toBe(true);
    const { methods, rows } = evaluation.table;
    expect(methods.map(({ title }) => title)).toEqual([
      'input',
      'HE',
      'CACHE',
      'SRIE',
      'LIME',
      expect.stringContaining('tiny'),
      'target',
    ]);
    const psnr = rows.find(({ metric }) => metric === 'psnr')!;
    const pairs = await validationPairs(validation.map(sceneSource), {
      count: 3,
      seed: 1,
      config: { ...DEFAULT_SYNTHESIS, patch: 36 },
      onNotice: () => {},
    });
    const values = pairs.map(({ input, target }) => {
      const squares = input.reduce((sum, value, i) => sum + (value - target[i]!) ** 2, 0);
      return 10 * Math.log10((255 ** 2 * input.length) / squares);
    });
    const mean = (values[0]! + values[1]! + values[2]!) / 3;
    expect(psnr.cells[0]!.mean).toBeCloseTo(mean, 9);
    const deviation = Math.hypot(...values.map((value) => value - mean)) / Math.SQRT2;
    expect(psnr.cells[0]!.deviation).toBeCloseTo(deviation, 9);
    for (const { mean } of psnr.cells.slice(0, -1)) expect(mean).toBeGreaterThan(0);
    expect(psnr.cells.at(-1)).toMatchObject({ mean: null, missing: { 'is the target itself': 3 } });
    const ceilings = pairs.map(({ target }) => entropy(target));
    const ceiling = rows.find(({ metric }) => metric === 'entropy')!.cells.at(-1)!.mean;
    expect(ceiling).toBeCloseTo(ceilings.reduce((sum, value) => sum + value, 0) / 3, 12);
    const tmqi = rows.find(({ metric }) => metric === 'tmqi')!;
    expect(tmqi.cells[0]).toMatchObject({
      mean: null,
      missing: { 'TMQI needs sides of at least 161 pixels; this picture is 36 x 36. Use a larger one.': 3 },
    });
  });

  it('compares with finished targets, and enlarges nothing, if requested', async () => {
    const { code, stdout } = await evaluateBundled(
      ...['--targets', 'finished', '--sharp', '--methods', 'none', '--metrics', 'psnr', '--json'],
    );
    expect(code).toBe(0);
    const evaluation: Evaluation = JSON.parse(stdout);
    expect(evaluation).toMatchObject({ target: 'finished', sharp: true });
    const { validation } = splitScenes(await listBundledScenes());
    const synthesis = { ...DEFAULT_SYNTHESIS, patch: 36, largestScale: 1 };
    const pairs = await validationPairs(validation.map(sceneSource), {
      count: 3,
      seed: 1,
      config: { ...synthesis, target: { ...synthesis.target, finish: FINISHED_TARGET } },
      onNotice: () => {},
    });
    expect(evaluation.pictures.map(({ methods }) => methods.input!.psnr)).toEqual(
      pairs.map(({ input, target }) => ({ value: psnr(input, target) })),
    );
  });

  it('continues from its log, whatever was written last, and writes a page', async () => {
    const [log, page] = [join(folder, 'log.jsonl'), join(folder, 'report.html')];
    const args = ['--log', log, '--report', page, '--metrics', 'psnr,entropy', '--methods', 'he', '--json'];
    const first = await evaluate(...args);
    expect(first.code).toBe(0);
    const lines = (await readFile(log, 'utf8')).trimEnd().split('\n');
    expect(lines.length).toBe(4);
    // The second picture is modified, to prove that it is reused; the third line is truncated, as after a power
    // failure.
    const marked = lines[2]!.replace(/"psnr":\{"value":[^}]*\}/, '"psnr":{"value":99}');
    await writeFile(log, `${lines[0]}\n${lines[1]}\n${marked}\n${lines[3]!.slice(0, 40)}`);
    const second: Evaluation = JSON.parse((await evaluate(...args)).stdout);
    const values = second.pictures.map(({ methods }) => methods.input!.psnr);
    const before: Evaluation = JSON.parse(first.stdout);
    const index = JSON.parse(lines[2]!).index as number;
    before.pictures.forEach(({ methods }, i) => {
      expect(values[i]).toEqual(i === index ? { value: 99 } : methods.input!.psnr);
    });
    expect((await readFile(log, 'utf8')).trimEnd().split('\n').length).toBe(4);

    const html = await readFile(page, 'utf8');
    expect(html.match(/<img /g)?.length).toBe(3 * 4 * 2);
    expect(html).not.toMatch(/(src|href)="(?!data:)/);

    const other = await evaluate('--log', log, '--metrics', 'psnr', '--methods', 'he');
    expect([other.code, other.stderr]).toEqual([
      1,
      expect.stringMatching(/other settings \(metrics, pictures\)/),
    ]);
  });

  it('runs models of all kinds under their own titles, and shows what the global encoder is for', async () => {
    const drht = drhtConfig({ width: 1 });
    await writeFile(join(folder, 'drht.safetensors'), encodeWeights(initialDrhtWeights(drht, 1), drht));
    await writeFile(join(folder, 'local.safetensors'), tinyWeights({ ...TINY, globalEncoder: false }));
    const page = join(folder, 'kinds.html');
    const models = ['without global=local', 'DRHT=drht'].flatMap((choice) => [
      '--model',
      choice.replace(/=(.*)/, (_, name) => `=${join(folder, name)}.safetensors`),
    ]);
    const flags = [
      '--methods',
      'none',
      '--metrics',
      'psnr',
      '--pairs',
      '4',
      '--all',
      '--report',
      page,
      '--json',
    ];
    const { code, stdout } = await evaluateBundled(...models, ...flags);
    expect(code).toBe(0);
    const { table, sources }: Evaluation = JSON.parse(stdout);
    expect(table.methods.map(({ title }) => title)).toEqual([
      'input',
      expect.stringContaining('tiny'),
      'without global',
      'DRHT',
      'target',
    ]);
    expect(table.ours).toMatch(/tiny/);
    for (const { count } of table.rows[0]!.cells.slice(0, -1)) expect(count).toBe(4);
    const scenes = await listBundledScenes();
    expect(sources).toEqual(
      scenes
        .map(({ name }) => name)
        .sort()
        .slice(0, 4),
    );
    expect(await readFile(page, 'utf8')).toContain('What the global encoder is for');

    const { code: fault, stderr } = await evaluateBundled(
      '--model',
      `DRHT=${join(folder, 'drht.safetensors')}`,
      ...models,
      ...flags,
    );
    expect([fault, stderr]).toEqual([1, expect.stringMatching(/Two methods are called "DRHT"/)]);
  });

  it('continues from a log when pictures share batches', async () => {
    const drht = drhtConfig({ width: 1 });
    await writeFile(join(folder, 'drht.safetensors'), encodeWeights(initialDrhtWeights(drht, 1), drht));
    const log = join(folder, 'batches.jsonl');
    const flags = ['--methods', 'none', '--metrics', 'psnr', '--log', log, '--json'];
    const run = () => evaluate('--model', `DRHT=${join(folder, 'drht.safetensors')}`, ...flags);
    const first = await run();
    const lines = (await readFile(log, 'utf8')).split('\n');
    await writeFile(log, `${lines.slice(0, 2).join('\n')}\n`);
    expect(JSON.parse((await run()).stdout).pictures).toEqual(JSON.parse(first.stdout).pictures);
    const more = await evaluate(
      '--model',
      `DRHT=${join(folder, 'drht.safetensors')}`,
      ...flags,
      '--pairs',
      '4',
    );
    expect([more.code, more.stderr]).toEqual([1, expect.stringMatching(/other settings \(count\)/)]);
  });

  it('measures photos before and after, with an empty cell for an unreadable one', async () => {
    const photos = await mkdtemp(join(folder, 'photos-'));
    const { width, height, data } = testPicture(60, 40);
    await sharp(data, { raw: { width, height, channels: 3 } }).toFile(join(photos, 'b.png'));
    await writeFile(join(photos, 'a.jpg'), 'no photo');
    const { code, stdout, stderr } = await cli.run([
      ...[
        'eval',
        '--model',
        join(folder, 'tiny.safetensors'),
        '--photos',
        photos,
        '--methods',
        'he',
        '--json',
      ],
    ]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/a\.jpg: left out\. .*not an image that can be read/);
    const { table, pictures, size }: Evaluation = JSON.parse(stdout);
    expect(size).toBeNull();
    expect(table.rows.map(({ metric }) => metric)).toEqual(['entropy', 'entropy-linear', 'niqe', 'brisque']);
    expect(pictures.map(({ name }) => name)).toEqual(['a.jpg', 'b.png']);
    expect(pictures[0]!.methods.he!.entropy).toEqual({
      reason: expect.stringMatching(/not an image/),
    });
    expect(pictures[1]!.methods.input!.entropy).toEqual({ value: expect.closeTo(entropy(data), 12) });
    expect(table.rows[0]!.cells[0]).toMatchObject({ count: 1 });
  });

  it('ends with 1 if no photo can be read', async () => {
    const photos = await mkdtemp(join(folder, 'broken-'));
    await writeFile(join(photos, 'a.jpg'), 'no photo');
    const { code, stdout, stderr } = await cli.run([
      ...['eval', '--model', join(folder, 'tiny.safetensors'), '--photos', photos],
      ...['--methods', 'none', '--metrics', 'entropy'],
    ]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/glocal: No picture could be measured\. The first: .*not an image/);
  });

  it('divides the pictures, keeps all outputs, and combines the parts', async () => {
    const outputs = join(folder, 'outputs');
    const given = [
      '--methods',
      'he',
      '--metrics',
      'psnr',
      '--log',
      join(folder, 'parts.log'),
      '--outputs',
      outputs,
    ];
    for (const part of ['1/2', '2/2']) {
      const { code, stdout } = await evaluate(...given, '--shard', part);
      expect({ code, stdout }).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^Part \d of 2: [12] pict/),
      });
    }
    const { stdout, stderr } = await evaluate(...given, '--json');
    const { pictures }: Evaluation = JSON.parse(stdout || stderr);
    const names = ['000000.png', '000001.png', '000002.png'];
    const methods = (await readdir(outputs)).sort();
    expect(methods).toEqual(['he', expect.stringMatching(/^glocal_.*tiny/), 'input', 'target'].sort());
    for (const method of methods) expect((await readdir(join(outputs, method))).sort()).toEqual(names);
    const pixels = (method: string, name: string) =>
      sharp(join(outputs, method, name))
        .raw()
        .toBuffer();
    for (const [index, { methods: measured }] of pictures.entries()) {
      const [he, target] = await Promise.all(['he', 'target'].map((method) => pixels(method, names[index]!)));
      expect(measured.he!.psnr).toEqual({ value: expect.closeTo(psnr(he!, target!), 9) });
    }
  });

  it("measures another program's outputs", async () => {
    const outputs = join(folder, 'outputs');
    const tiny = (await readdir(outputs)).find((name) => name.includes('tiny'))!;
    const given = ['--methods', 'none', '--metrics', 'psnr', '--json'];
    const { stdout } = await evaluate(...given, '--pictures', `mine=${join(outputs, tiny)}`);
    const { table, pictures }: Evaluation = JSON.parse(stdout);
    expect(table.methods.map(({ title }) => title)).toContain('mine');
    for (const { methods } of pictures) {
      const own = Object.keys(methods).find((name) => name.includes('tiny'))!;
      expect(methods['model:mine']!.psnr).toEqual(methods[own]!.psnr);
    }
    const refusal = await evaluate(...given, '--size', '40', '--pictures', `mine=${join(outputs, tiny)}`);
    expect(refusal.code).toBe(1);
    expect(refusal.stderr).toMatch(/000000\.png has 36 x 36 pixels, the test picture 40 x 40/);
  });

  it('refuses a folder without scenes', async () => {
    await mkdir(join(folder, 'nothing'));
    const { code, stdout, stderr } = await evaluateBundled('--data', join(folder, 'nothing'));
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/no HDR files/);
  });

  it('refuses a report that cannot be written before anything is measured', async () => {
    const { code, stdout, stderr } = await evaluate('--report', join(folder, 'none', 'report.html'));
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^glocal: .*report\.html cannot be written: ENOENT/);
  });
});
