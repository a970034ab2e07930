import { join } from 'node:path';
import { writeFileAtomically } from '../../atomic-file-node';
import { measureScenes, openPairs } from '../../data/node/pairs';
import type { Pair } from '../../data/pair';
import type { SceneStatistics } from '../../data/scene-statistics';
import { InputError } from '../../errors';
import { makeFolder } from '../../make-folder-node';
import { reason } from '../../reason';
import { loadSharp } from '../../sharp-node';
import type { Plan } from './plan';

/** Pairs that are measured, the first of the training, and how many of them the sheet shows. */
const MEASURED = 48;
const SHOWN = 24;
/** Pairs side by side, and the side of a picture in pixels. */
const COLUMNS = 4;
const SIDE = 128;

interface PreviewOptions {
  readonly folder: string;
  readonly workers: number;
  readonly onNotice: (message: string) => void;
}

/**
 * Shows what a training would see, before its first step: `pairs.png` (each input beside its target), `data.json`
 * (every scene and pair in numbers), and a summary in words, which is returned. The run's own folder is not touched.
 *
 * @throws InputError when no scene can be used, or the folder cannot be written.
 */
export async function previewData(
  { record: { config }, training, validation }: Plan,
  { folder, workers, onNotice }: PreviewOptions,
): Promise<string> {
  const files = [...training, ...validation];
  const measured = await measureScenes(files, { workers, onNotice });
  const scenes = files.flatMap(({ name }, i) => (measured[i] ? { name, ...measured[i] } : []));
  if (scenes.length === 0) throw new InputError('No scene can be used. Choose another folder with --data.');
  const { seed, synthesis } = config;
  const unusable = [...training.keys()].filter((i) => !measured[i]);
  const source = openPairs({ scenes: training, seed, config: synthesis, workers, onNotice, unusable });
  let pairs: Pair[];
  try {
    pairs = await Promise.all(Array.from({ length: MEASURED }, (_, k) => source.make(k)));
  } finally {
    await source.close();
  }
  const levels = pairs.map((pair) => ({
    scene: pair.meta.scene,
    input: levelsOf(pair.input),
    target: levelsOf(pair.target),
  }));
  const sheet = await drawSheet(pairs.slice(0, SHOWN));
  try {
    makeFolder(folder);
    writeFileAtomically(join(folder, 'pairs.png'), sheet);
    writeFileAtomically(join(folder, 'data.json'), `${JSON.stringify({ scenes, pairs: levels }, null, 2)}\n`);
  } catch (cause) {
    throw new InputError(`${folder} cannot be written: ${reason(cause)}. Choose another folder.`, { cause });
  }
  return [
    sceneLine(scenes, validation.length),
    stopsLine(scenes),
    `${MEASURED} pairs of ${synthesis.patch} x ${synthesis.patch}; mean level of inputs ${spread(levels.map(({ input }) => input.mean))}, ` +
      `of targets ${spread(levels.map(({ target }) => target.mean))}, of 255`,
    `Values at 0: ${percent(mean(levels.map(({ input }) => input.black)))} of inputs, ${percent(mean(levels.map(({ target }) => target.black)))} of targets; ` +
      `at 255: ${percent(mean(levels.map(({ input }) => input.white)))} and ${percent(mean(levels.map(({ target }) => target.white)))}`,
    `${join(folder, 'pairs.png')}: ${SHOWN} pairs, each input on the left of its target; numbers in data.json`,
  ].join('\n');
}

type NamedStatistics = SceneStatistics & { readonly name: string };

/** Mean of all values of a picture, and shares of them at 0 and 255. */
function levelsOf(picture: Uint8Array): { mean: number; black: number; white: number } {
  let [sum, black, white] = [0, 0, 0];
  for (const value of picture) {
    sum += value;
    if (value === 0) black++;
    else if (value === 255) white++;
  }
  const { length } = picture;
  return { mean: sum / length, black: black / length, white: white / length };
}

async function drawSheet(pairs: readonly Pair[]): Promise<Buffer> {
  const sharp = loadSharp();
  const tile = async (bytes: Uint8Array, size: number) => ({
    input: await sharp(bytes, { raw: { width: size, height: size, channels: 3 } })
      .resize(SIDE, SIDE)
      .png()
      .toBuffer(),
  });
  const [width, height] = [2 * SIDE + 8, SIDE + 8];
  const tiles = await Promise.all(
    pairs.map(async ({ size, input, target }, k) => {
      const [left, top] = [8 + (k % COLUMNS) * width, 8 + Math.floor(k / COLUMNS) * height];
      return [
        { ...(await tile(input, size)), left, top },
        { ...(await tile(target, size)), left: left + SIDE, top },
      ];
    }),
  );
  const rows = Math.ceil(pairs.length / COLUMNS);
  return sharp({
    create: { width: 8 + COLUMNS * width, height: 8 + rows * height, channels: 3, background: '#808080' },
  })
    .composite(tiles.flat())
    .removeAlpha()
    .png()
    .toBuffer();
}

function sceneLine(scenes: readonly NamedStatistics[], heldOut: number): string {
  const byArea = [...scenes].sort((a, b) => a.width * a.height - b.width * b.height);
  const size = ({ width, height }: NamedStatistics) => `${width} x ${height}`;
  const [smallest, largest] = [size(byArea[0]!), size(byArea.at(-1)!)];
  const sizes = smallest === largest ? smallest : `${smallest} to ${largest}`;
  return `${scenes.length} scenes and photos (${heldOut} held out), ${sizes}`;
}

function stopsLine(scenes: readonly NamedStatistics[]): string {
  const stops = scenes.flatMap((scene) => scene.stops ?? []);
  if (stops.length === 0) return 'Dynamic range: unknown, as every scene has black pixels';
  return `Dynamic range ${spread(stops)} stops between the 0.1th and the 99.9th percentile of luminance`;
}

/** Median and range. */
function spread(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  const show = (value: number) => value.toFixed(1);
  const median = sorted[Math.floor(sorted.length / 2)]!;
  return `${show(median)} (${show(sorted[0]!)} to ${show(sorted.at(-1)!)})`;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
