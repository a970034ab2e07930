import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  DEFAULT_SYNTHESIS,
  FINISHED,
  FINISHED_TARGET,
  PHOTOS,
  REAL_WORLD,
} from '../../src/data/synthesis-config';
import { GlocalError } from '../../src/errors';
import { networkConfig, PRESETS } from '../../src/model/config';
import { drhtConfig } from '../../src/model/drht/config';
import { initialDrhtWeights } from '../../src/model/drht/initialise';
import { initialWeights } from '../../src/model/initialise';
import { encodeWeights } from '../../src/model/weights';
import { encodeCheckpoint, initialCheckpoint } from '../../src/train/checkpoint';
import type { RunConfig } from '../../src/train/config';
import { planTraining } from '../../src/train/node/plan';
import { RunFolder } from '../../src/train/node/run-folder';
import { writeScenes } from './scenes';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'glocal-plan-'));
  writeScenes(join(root, 'scenes'), ['a', 'b', 'c', 'd', 'e'], 8, 8);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const plan = (request: object, out = 'run') =>
  planTraining({ data: join(root, 'scenes'), resume: false, ...request }, new RunFolder(join(root, out)));

describe('planning a run', () => {
  test('the defaults are the recipe of nano, and some scenes are held out', async () => {
    const { record, training, validation, resumes } = await plan({});
    expect(record.config).toMatchObject({
      network: { width: 8, globalWidth: 16 },
      synthesis: { patch: 128 },
      batch: 16,
      schedule: { rate: 0.002, warmup: 50 },
      validation: { pairs: 48, size: 256 },
    });
    expect(training.length + validation.length).toBe(5);
    expect(validation.length).toBeGreaterThan(0);
    expect(record.config.scenes.validation).toEqual(validation.map(({ name }) => name).sort());
    expect(resumes).toBe(false);
    expect(readdirSync(root)).toEqual(['scenes']);
  });

  test('presets are sizes, and the paper is its whole recipe', async () => {
    const { config: small } = (await plan({ preset: 'small' })).record;
    expect(small).toMatchObject({ network: { width: 16, globalWidth: 32 }, schedule: { steps: 1000 } });
    const { config: paper } = (await plan({ preset: 'paper', accumulate: 4 })).record;
    expect(paper).toMatchObject({
      network: { width: 32, globalWidth: 64 },
      synthesis: { patch: 256 },
      batch: 16,
      accumulate: 4,
      schedule: { rate: 0.002, steps: 25500 },
    });
  });

  test('what goes beyond the paper is part of the configuration', async () => {
    const { record } = await plan({ exposure: [-4, 1], finished: 0.1, degrade: true });
    const { exposureValue, finished, degradation } = record.config.synthesis;
    expect({ exposureValue, finished, degradation }).toEqual({
      exposureValue: [-4, 1],
      finished: { share: 0.1, ...FINISHED },
      degradation: REAL_WORLD,
    });
  });

  test('finished photos are trained on beside the scenes, never validated on, and kept', async () => {
    mkdirSync(join(root, 'photos'));
    for (const name of ['x.jpg', 'y.png']) writeFileSync(join(root, 'photos', name), '');
    const photos = join(root, 'photos');
    const { record, training, validation } = await plan({ photos, photoShare: 0.25 });
    expect(record.config.synthesis.photos).toEqual({ ...PHOTOS, count: 2, share: 0.25 });
    expect(record.config.scenes.photos).toEqual(['x.jpg', 'y.png']);
    expect(training.slice(-2).map(({ name }) => name)).toEqual(['x.jpg', 'y.png']);
    expect(training.length + validation.length).toBe(7);
    new RunFolder(join(root, 'run')).begin(record);
    expect((await plan({ resume: true })).record).toEqual(record);
    writeFileSync(join(photos, 'z.png'), '');
    await expect(plan({ resume: true })).rejects.toThrow(/scenes\.photos/);
    await expect(plan({ photoShare: 0.25 }, 'other')).rejects.toThrow(/give their folder with --photos/);
    await expect(plan({ photos, photoShare: 1 }, 'other')).rejects.toThrow(/between 0 and 1/);
  });

  test('a recipe is the configuration of another run, with its data; other options take precedence', async () => {
    const { record } = await plan({ width: 4, batch: 6, exposure: [-3, 0], seed: 5 });
    new RunFolder(join(root, 'run')).begin(record);
    const by = (request: object) =>
      planTraining({ resume: false, ...request }, new RunFolder(join(root, 'other')));
    for (const recipe of [join(root, 'run'), join(root, 'run', 'config.json')])
      expect(await by({ recipe })).toMatchObject({ record, resumes: false, otherScenes: false });
    const recipe = join(root, 'run');
    expect((await by({ recipe, seed: 6, steps: 70 })).record.config).toEqual({
      ...record.config,
      seed: 6,
      schedule: { ...record.config.schedule, steps: 70 },
    });
    writeScenes(join(root, 'more'), ['a', 'b', 'c', 'd', 'e', 'f'], 8, 8);
    expect((await by({ recipe, data: join(root, 'more') })).otherScenes).toBe(true);
    await expect(by({ recipe, preset: 'small' })).rejects.toThrow(/--recipe and --preset/);
    await expect(by({ recipe: join(root, 'none') })).rejects.toThrow(/none does not exist/);
    await expect(by({ recipe: join(root, 'scenes', 'a.hdr') })).rejects.toThrow(/cannot be a recipe/);
    await expect(plan({ recipe, resume: true })).rejects.toThrow(/a run has its own/);
    const from = {
      name: 'w',
      bytes: encodeWeights(initialWeights(networkConfig({ width: 4 }), 1), networkConfig({ width: 4 })),
    };
    const started = await plan({ from, width: 4 }, 'started');
    new RunFolder(join(root, 'started')).begin(started.record);
    await expect(by({ recipe: join(root, 'started') })).rejects.toThrow(/Name their file with --from/);
    expect((await by({ recipe: join(root, 'started'), from })).record).toEqual(started.record);
  });

  test('a finished run can be extended, an unfinished one cannot', async () => {
    const { record } = await plan({ width: 4, steps: 6 });
    const { config } = record;
    const folder = new RunFolder(join(root, 'run'));
    folder.begin(record);
    const checkpoint = (step: number, of: RunConfig) => {
      const state = initialCheckpoint(initialWeights(networkConfig({ width: 4 }), 1), of).state;
      return folder.checkpoint(step, encodeCheckpoint(state, { step, config: of }));
    };
    await checkpoint(3, config);
    await expect(plan({ resume: true, steps: 9 })).rejects.toThrow(/done 3 of its 6 steps.*Finish it first/);
    await checkpoint(6, config);
    const longer = await plan({ resume: true, steps: 9, rate: 0.001, warmup: 1 });
    const schedule = { rate: 0.001, warmup: 1, steps: 9, earlier: config.schedule };
    expect(longer.record.config).toEqual({ ...config, schedule });
    expect(longer.checkpoint?.meta.step).toBe(6);
    folder.close();
    folder.reopen(6, longer.record);
    await checkpoint(8, longer.record.config);
    folder.close();
    // The exact options of a restart after a crash.
    expect(await plan({ resume: true, steps: 9, rate: 0.001, warmup: 1 })).toMatchObject({
      record: longer.record,
      checkpoint: { meta: { step: 8 } },
    });
    await expect(plan({ resume: true, steps: 6 })).rejects.toThrow(/schedule\.steps: 9 there, 6 here/);
  });

  test('targets are fused by default, and a run keeps its own', async () => {
    for (const preset of ['nano', 'paper'])
      expect((await plan({ preset })).record.config.synthesis.target).toEqual(DEFAULT_SYNTHESIS.target);
    const { record } = await plan({ target: 'finished' });
    expect(record.config.synthesis.target).toEqual({ ...DEFAULT_SYNTHESIS.target, finish: FINISHED_TARGET });
    // A run of a version with other numbers keeps them.
    const target = { ...DEFAULT_SYNTHESIS.target, finish: { ...FINISHED_TARGET, chroma: 0.25 } };
    const config = { ...record.config, synthesis: { ...record.config.synthesis, target } };
    new RunFolder(join(root, 'run')).begin({ ...record, config });
    for (const request of [{}, { target: 'finished' }])
      expect((await plan({ resume: true, ...request })).record.config).toEqual(config);
    await expect(plan({ resume: true, target: 'fused' })).rejects.toThrow(/synthesis\.target\.finish: \{/);
    new RunFolder(join(root, 'old')).begin((await plan({}, 'old')).record);
    const other = plan({ resume: true, target: 'finished' }, 'old');
    await expect(other).rejects.toThrow(/synthesis\.target\.finish: absent there/);
  });

  test('DRHT has a width, and starts from its own weights', async () => {
    const { record } = await plan({ network: 'drht' });
    expect(record.config.network).toEqual(drhtConfig({ width: 8 }));
    const config = drhtConfig({ width: 2 });
    const from = { name: 'drht.safetensors', bytes: encodeWeights(initialDrhtWeights(config, 1), config) };
    const { record: second, checkpoint } = await plan({ from });
    expect(second.config.network).toEqual(config);
    expect(checkpoint?.state.has('ldr.encoder.0.bn.bias.adam.m')).toBe(true);
    await expect(plan({ from, network: 'local-global' })).rejects.toThrow(
      /--network is local-global, but .* DRHT/,
    );
    await expect(plan({ from, width: 4 })).rejects.toThrow(/network\.width: 2 there, 4 here/);
  });

  test('the bilateral grid has cells and a loss of its own, and older runs keep theirs', async () => {
    const { record } = await plan({ network: 'bilateral-grid', grid: 16 });
    expect(record.config).toMatchObject({ network: { gridSize: 16, viewSize: 128 }, loss: 'detail' });
    const { loss: _, ...older } = record.config;
    new RunFolder(join(root, 'older')).begin({ ...record, config: older });
    expect((await plan({ resume: true }, 'older')).record.config.loss).toBeUndefined();
    await expect(plan({ grid: 16 })).rejects.toThrow('The local-global network has no --grid');
  });

  test('a wider network starts from weights that compute the same', async () => {
    const config = networkConfig({ width: 2, globalWidth: 4 });
    const from = { name: 'narrow.safetensors', bytes: encodeWeights(initialWeights(config, 1), config) };
    const { record, checkpoint, widened } = await plan({ from, width: 4 });
    expect(widened).toBe(2);
    expect(record.config.network).toEqual({ ...config, width: 4, globalWidth: 8 });
    expect(checkpoint?.state.get('local.0.conv1.weight')?.shape).toEqual([4, 3, 3, 3]);
    await expect(plan({ from, width: 3 })).rejects.toThrow(/network\.width: 2 there, 3 here/);
  });

  test('a run of an older version without network kinds can be continued', async () => {
    const { record } = await plan({});
    const { kind: _, ...network } = PRESETS.nano;
    const old = { ...record, config: { ...record.config, network } };
    mkdirSync(join(root, 'old'));
    writeFileSync(join(root, 'old', 'config.json'), JSON.stringify(old));
    expect((await plan({ resume: true }, 'old')).record.config.network).toEqual(PRESETS.nano);
  });

  test('without a folder the bundled scenes are used', async () => {
    const { record, training } = await plan({ data: undefined });
    expect(record.data).toBeUndefined();
    expect(training.length).toBeGreaterThan(2);
  });

  test.each([
    [{ patch: 40 }, /--patch is 40/],
    [{ batch: 1 }, /--batch is 1/],
    [{ width: 0 }, /width = 0/],
    [{ network: 'drht', patch: 48 }, /--patch is 48; .* a multiple of 32/],
    [{ network: 'drht', globalEncoder: false }, /DRHT has no --no-global/],
    [{ network: 'drht', upsampling: 'balanced', globalWidth: 4 }, /no --global-width and --upsampling/],
    [{ data: '/no/such/folder' }, /no such folder/],
  ])('refuses %o and writes nothing', async (request, message) => {
    await expect(plan(request)).rejects.toThrow(message);
    expect(readdirSync(root)).toEqual(['scenes']);
  });

  test('refuses a folder without HDR files', async () => {
    mkdirSync(join(root, 'empty'));
    await expect(plan({ data: join(root, 'empty') })).rejects.toThrow(/no HDR files/);
  });

  test('a resumed run keeps its own options and refuses others, by name', async () => {
    const { record } = await plan({ width: 4, steps: 77 });
    new RunFolder(join(root, 'run')).begin(record);
    const resumed = await plan({ resume: true });
    expect(resumed.record).toEqual(record);
    expect(resumed.resumes).toBe(true);
    await expect(plan({ resume: true, steps: 76 })).rejects.toThrow(/schedule\.steps: 77 there, 76 here/);
    writeScenes(join(root, 'scenes'), ['f'], 8, 8);
    await expect(plan({ resume: true })).rejects.toThrow(/scenes\.\w+: f only here/);
  });
});

describe('the files of a run that is resumed', () => {
  const begin = async () => {
    const { record } = await plan({});
    const folder = new RunFolder(join(root, 'run'));
    folder.begin(record);
    folder.close();
    return record;
  };
  const scene = (name: string) => join(root, 'scenes', `${name}.hdr`);

  test('must be those that it started with, whatever their times', async () => {
    const { digests } = await begin();
    expect(Object.keys(digests!).sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
    // Touched, but the same.
    const now = new Date();
    utimesSync(scene('a'), now, now);
    expect((await plan({ resume: true })).isUnhashed).toBe(false);
    // Another one of the same name, length and time.
    const { atime, mtime } = statSync(scene('b'));
    const bytes = readFileSync(scene('b'));
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(scene('b'), bytes);
    utimesSync(scene('b'), atime, mtime);
    await expect(plan({ resume: true })).rejects.toThrow(/other files under the names b;/);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(scene('b'), bytes);
    expect((await plan({ resume: true })).resumes).toBe(true);
  });

  test('are recorded once the run of a version without hashes is resumed', async () => {
    const { digests, ...old } = await begin();
    const path = join(root, 'run', 'config.json');
    writeFileSync(path, JSON.stringify(old));
    const { record, isUnhashed } = await plan({ resume: true });
    expect(isUnhashed).toBe(true);
    const folder = new RunFolder(join(root, 'run'));
    folder.reopen(0, record);
    folder.close();
    expect(folder.record()).toEqual({ ...old, digests });
    expect((await plan({ resume: true })).isUnhashed).toBe(false);
  });

  test.each(['{}', 'null', '[]', '{"config": 1}', '{"config": {}}', 'no JSON'])(
    'are not looked at when config.json is %s, which is said in words',
    async (text) => {
      await begin();
      writeFileSync(join(root, 'run', 'config.json'), text);
      const error: unknown = await plan({ resume: true }).catch((reason) => reason);
      expect(error).toBeInstanceOf(GlocalError);
    },
  );
});
