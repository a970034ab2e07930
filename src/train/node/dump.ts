import { join } from 'node:path';
import sharp from 'sharp';
import { writeFileAtomically } from '../../atomic-file-node';
import { openPairs } from '../../data/node/pairs';
import type { Pair } from '../../data/pair';
import { InputError } from '../../errors';
import { openTunedGpu } from '../../kernels/node/tuned';
import { makeFolder } from '../../make-folder-node';
import { modelParameters } from '../../model/model-config';
import { encodeSafetensors } from '../../model/safetensors';
import type { StateDict, StateTensor } from '../../model/state-dict';
import { trainable } from '../../model/trainable';
import { reason } from '../../reason';
import { type Batch, toBatch } from '../batch';
import { initialCheckpoint, scheduleAfter } from '../checkpoint';
import { ADAM, stepSchedule } from '../schedule';
import { Trainer } from '../trainer';
import type { Plan } from './plan';

/** The content of `step.json`: the inputs of a step, and its loss. */
interface StepFacts {
  /** Number of the step; the first is 1. */
  readonly step: number;
  /** Loss of the batch, before the update. */
  readonly loss: number;
  readonly lossFunction: string;
  /** Learning rate of the step. */
  readonly rate: number;
  readonly adam: typeof ADAM;
  readonly network: Plan['record']['config']['network'];
}

interface DumpOptions {
  readonly folder: string;
  readonly gradients: boolean;
  readonly workers: number;
  readonly onNotice: (message: string) => void;
}

/**
 * Runs the next step of a training alone, in this process, and writes everything needed to check it:
 * `batch.safetensors` (`input` and `target`) with its pairs as PNG; `before.safetensors` and `after.safetensors`
 * (weights, running statistics, Adam's moments); `gradients.safetensors`, by parameter name; `step.json`. The folder
 * of the run is not touched.
 *
 * @throws InputError when the folder cannot be written.
 * @throws MemoryError naming the largest step that fits, if this one does not.
 */
export async function dumpStep(
  { record: { config }, checkpoint, training }: Plan,
  { folder, gradients, workers, onNotice }: DumpOptions,
): Promise<StepFacts> {
  const { network, seed, synthesis } = config;
  const start = checkpoint ?? initialCheckpoint(trainable(network).initialWeights(seed), config);
  const done = start.meta.step;
  const values = stepSchedule(scheduleAfter(config, start.meta), done);
  const { patch } = synthesis;
  const source = openPairs({ scenes: training, seed, config: synthesis, workers, onNotice });
  const gpu = await openTunedGpu();
  try {
    const numbers = Array.from({ length: config.batch }, (_, k) => done * config.batch + k);
    const pairs = await Promise.all(numbers.map((k) => source.make(k)));
    const batch = toBatch(pairs);
    const trainer = await Trainer.create(gpu, { ...config, patch, keepGradients: gradients });
    const read = (names: Iterable<string>) => readAll(trainer, names, network);
    const names = trainer.variables.filter(({ value }) => value === undefined).map(({ name }) => name);
    trainer.load(start.state);
    const before = await read(names);
    trainer.step(batch, values);
    const facts: StepFacts = {
      step: done + 1,
      loss: await trainer.loss(),
      lossFunction: config.loss ?? trainable(network).loss,
      rate: values[0]!,
      adam: ADAM,
      network,
    };
    const files = new Map<string, Uint8Array | string>([
      ['batch.safetensors', encodeSafetensors(planesOf(batch, config.batch, patch))],
      ['before.safetensors', encodeSafetensors(before)],
      ['after.safetensors', encodeSafetensors(await read(names))],
      ...(await pictures(pairs)),
      ['step.json', `${JSON.stringify(facts, null, 2)}\n`],
    ]);
    if (gradients) {
      const tensors = await readAll(
        trainer,
        trainer.gradients.keys(),
        network,
        (name) => trainer.gradients.get(name)!,
      );
      files.set('gradients.safetensors', encodeSafetensors(tensors));
    }
    trainer.destroy();
    write(folder, files);
    return facts;
  } finally {
    await source.close();
    gpu.destroy();
  }
}

/** Reads tensors of the program, in the shapes of a weight file. */
async function readAll(
  { program }: Trainer,
  names: Iterable<string>,
  network: StepFacts['network'],
  placeOf: (name: string) => Parameters<typeof program.read>[0] = (name) => name,
): Promise<StateDict> {
  const shapes = new Map(modelParameters(network).map(({ name, shape }) => [name, shape]));
  const state = new Map<string, StateTensor>();
  for (const name of names) {
    const shape = shapes.get(name.replace(/\.adam\.[mv]$/, ''));
    if (shape) state.set(name, { shape, data: await program.read(placeOf(name)) });
  }
  return state;
}

function planesOf({ input, target }: Batch, batch: number, patch: number): StateDict {
  const shape = [batch, 3, patch, patch];
  return new Map([
    ['input', { shape, data: input }],
    ['target', { shape, data: target }],
  ]);
}

async function pictures(pairs: readonly Pair[]): Promise<[string, Uint8Array][]> {
  const files: [string, Uint8Array][] = [];
  for (const [index, pair] of pairs.entries()) {
    const raw = { width: pair.size, height: pair.size, channels: 3 } as const;
    for (const side of ['input', 'target'] as const) {
      const name = `pair-${String(index).padStart(3, '0')}.${side}.png`;
      files.push([name, await sharp(pair[side], { raw }).png().toBuffer()]);
    }
  }
  return files;
}

function write(folder: string, files: ReadonlyMap<string, Uint8Array | string>): void {
  try {
    makeFolder(folder);
    for (const [name, content] of files) writeFileAtomically(join(folder, name), content);
  } catch (cause) {
    throw new InputError(`${folder} cannot be written: ${reason(cause)}. Choose another folder.`, { cause });
  }
}
