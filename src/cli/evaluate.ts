import { type Command, InvalidArgumentError } from 'commander';
import { listBundledScenes } from '../data/node/bundled-scenes';
import { listScenes, type SceneFile, sceneSource } from '../data/node/scenes';
import type { Pair } from '../data/pair';
import { splitScenes } from '../data/split';
import { DEFAULT_SYNTHESIS } from '../data/synthesis-config';
import { DEFAULT_VALIDATION_COUNT, DEFAULT_VALIDATION_SIZE, validationPairs } from '../data/validation-set';
import { Enhancer } from '../enhance/enhancer';
import { loadModel } from '../enhance/models-node';
import { InputError } from '../errors';
import { equaliseHistogram } from '../eval/baselines/histogram-equalisation';
import { psnr } from '../eval/metrics/psnr';
import { describe } from '../gpu/device';
import { openNodeGpu } from '../gpu/node/dawn';
import { registerEvalSubcommands } from './eval-commands';

interface EvaluateFlags {
  data?: string;
  model: string;
  pairs: number;
  size: number;
  seed: number;
  json?: boolean;
}

/** PSNR to the target in dB over the pairs. */
interface Score {
  readonly method: string;
  readonly mean: number;
  /** Standard deviation from pair to pair (n - 1). */
  readonly deviation: number;
}

/** What `glocal eval --json` prints. */
export interface Evaluation {
  readonly model: string;
  readonly adapter: string;
  /** Scenes that were held out and used, by name. */
  readonly scenes: readonly string[];
  readonly pairs: number;
  readonly size: number;
  readonly seed: number;
  readonly psnr: readonly Score[];
}

/** Adds `glocal eval`. */
export function registerEvaluateCommand(program: Command): void {
  const command = program
    .command('eval')
    .description('measure a model on the scenes that training keeps apart')
    .option('--data <dir>', 'folder of .hdr and .exr files (default: the small CC0 set of @pmndrs/assets)')
    .option('--model <name|path>', 'a model of this package, or a .safetensors file', 'nano')
    .option('--pairs <n>', 'pairs to measure on, fixed by the seed', positive, DEFAULT_VALIDATION_COUNT)
    .option('--size <n>', 'side of the pictures in pixels', positive, DEFAULT_VALIDATION_SIZE)
    .option('--seed <n>', 'seed of the pairs; 1 gives those that training measures on', whole, 1)
    .option('--json', 'print JSON')
    .action(async (flags: EvaluateFlags) => {
      const evaluation = await evaluate(flags, (line) => process.stderr.write(`${line}\n`));
      process.stdout.write(flags.json ? `${JSON.stringify(evaluation, null, 2)}\n` : table(evaluation));
    });
  registerEvalSubcommands(command);
}

/** @throws {InputError} when there are no scenes to hold out, or none that can be read. */
async function evaluate(flags: EvaluateFlags, say: (line: string) => void): Promise<Evaluation> {
  const { model, pairs: count, size, seed } = flags;
  const weights = await loadModel(model);
  const held = await heldOutScenes(flags.data);
  const gpu = await openNodeGpu();
  try {
    const enhancer = await Enhancer.create({ gpu, model: weights, modelName: model });
    const adapter = describe(gpu.traits);
    if (gpu.traits.isSoftware) say(`Computing in software, on the processor (${adapter}): this is slow.`);
    const config = { ...DEFAULT_SYNTHESIS, size };
    const pairs = await validationPairs(held.map(sceneSource), { count, seed, config, onNotice: say });
    const enhanced: number[] = [];
    for (const pair of pairs) {
      const { data } = await enhancer.run({ data: withAlpha(pair.input), width: size, height: size });
      enhanced.push(psnr(withoutAlpha(data), pair.target));
    }
    enhancer.dispose();
    const input = pairs.map((pair) => psnr(pair.input, pair.target));
    const equalised = pairs.map((pair) => psnr(equaliseHistogram(pair.input), pair.target));
    return {
      model,
      adapter,
      scenes: scenesOf(pairs),
      pairs: count,
      size,
      seed,
      psnr: [
        score('input', input),
        score('histogram equalisation', equalised),
        score(`glocal, ${model}`, enhanced),
      ],
    };
  } finally {
    gpu.destroy();
  }
}

/** The scenes that `glocal train` on the same data does not train on. */
async function heldOutScenes(data: string | undefined): Promise<SceneFile[]> {
  const scenes = data === undefined ? await listBundledScenes() : await listScenes(data);
  const { validation } = splitScenes(scenes);
  if (validation.length > 0) return validation;
  throw new InputError(`${data}: one scene is too few to hold one out. Give a folder with more HDR images.`);
}

const scenesOf = (pairs: readonly Pair[]): string[] =>
  [...new Set(pairs.map(({ meta }) => meta.scene))].sort();

function score(method: string, values: readonly number[]): Score {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { method, mean, deviation: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0 };
}

function table({ adapter, scenes, pairs, size, seed, psnr: scores }: Evaluation): string {
  const width = Math.max(...scores.map(({ method }) => method.length));
  const rows = scores.map(({ method, mean, deviation }) => {
    return `${method.padEnd(width)}  ${mean.toFixed(2).padStart(6)}  ${deviation.toFixed(2).padStart(5)}`;
  });
  return [
    `${'PSNR to target, dB'.padEnd(width)}    mean     sd`,
    ...rows,
    '',
    `${pairs} pairs of ${size} x ${size}, seed ${seed}, on ${adapter}`,
    `scenes (${scenes.length}): ${scenes.join(', ')}`,
    '',
  ].join('\n');
}

function withAlpha(rgb: Uint8Array): Uint8ClampedArray {
  const rgba = new Uint8ClampedArray((rgb.length / 3) * 4).fill(255);
  for (let i = 0, j = 0; i < rgb.length; i += 3, j += 4) rgba.set(rgb.subarray(i, i + 3), j);
  return rgba;
}

function withoutAlpha(rgba: Uint8ClampedArray): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let i = 0, j = 0; i < rgb.length; i += 3, j += 4) rgb.set(rgba.subarray(j, j + 3), i);
  return rgb;
}

function whole(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Give a whole number, 0 or more.');
  return Number(text);
}

function positive(text: string): number {
  const value = whole(text);
  if (value === 0) throw new InvalidArgumentError('Give a whole number, 1 or more.');
  return value;
}
