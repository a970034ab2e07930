import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, expect, test } from 'vitest';
import { sceneStatistics } from '../../src/data/scene-statistics';
import { planTraining } from '../../src/train/node/plan';
import { previewData } from '../../src/train/node/preview-data';
import { RunFolder } from '../../src/train/node/run-folder';
import { writeScenes } from './scenes';

const root = mkdtempSync(join(tmpdir(), 'glocal-preview-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('the dynamic range of a scene is that of its luminance', () => {
  // A ramp of 10 stops, each as large as the others, grey.
  const data = Float32Array.from({ length: 3 * 1100 }, (_, i) => 2 ** (Math.floor(i / 300) - 4));
  expect(sceneStatistics({ width: 110, height: 10, data })).toEqual({
    ...{ width: 110, height: 10, stops: 10, black: 0 },
  });
  data.fill(0, 0, 330);
  expect(sceneStatistics({ width: 110, height: 10, data })).toMatchObject({ stops: null, black: 0.1 });
});

test('the data are shown before a training: a sheet, numbers, and what is wrong', async () => {
  writeScenes(join(root, 'scenes'), ['a', 'b', 'c', 'd', 'e'], 48, 32);
  writeFileSync(join(root, 'scenes', 'notes.hdr'), 'no light');
  const plan = await planTraining(
    { data: join(root, 'scenes'), resume: false, patch: 32 },
    new RunFolder(join(root, 'run')),
  );
  const said: string[] = [];
  const folder = join(root, 'preview');
  const text = await previewData(plan, { folder, workers: 0, onNotice: (message) => said.push(message) });
  expect(text).toMatch(/^5 scenes and photos \(\d held out\), 48 x 32\nDynamic range [\d.]+ \(/);
  expect(said.join('\n')).toMatch(/notes: left out\./);
  const { scenes, pairs } = JSON.parse(readFileSync(join(folder, 'data.json'), 'utf8'));
  expect(scenes.map(({ name }: { name: string }) => name).sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(pairs).toHaveLength(48);
  // The first tile of the sheet is the first input of the training, enlarged.
  const { data, info } = await sharp(join(folder, 'pairs.png'))
    .extract({ left: 8, top: 8, width: 128, height: 128 })
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect(info.channels).toBe(3);
  const level = data.reduce((sum, value) => sum + value, 0) / data.length;
  expect(Math.abs(level - pairs[0].input.mean)).toBeLessThan(2);
});
