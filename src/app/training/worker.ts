import { makeWebValidation, openWebPairs } from '../../data/web-pairs';
import { fileScenes } from '../../data/web-scenes';
import { Enhancer } from '../../enhance/enhancer';
import { InputError } from '../../errors';
import { openGpu } from '../../gpu/device';
import type { Gpu } from '../../gpu/types';
import type { Cadence, RunOutput } from '../../train/job';
import { planRun, type Wish } from '../../train/recipe';
import { runJob } from '../../train/run';
import { summarise } from '../adapter-name';
import { toProblem } from '../enhancer-service';
import { decodePixels, encode } from '../photo-io';
import { claimRun } from './claim';
import type { Command, Report } from './protocol';
import { RunStore } from './run-store';

/** The training page's worker: device, run and storage, so that the page never blocks. See `protocol.ts`. */

/** `lib.webworker` and `lib.dom` disagree about `self`; this is the part used here. */
const scope = self as unknown as {
  onmessage: ((event: MessageEvent<Command>) => void) | null;
  postMessage(report: Report, transfer?: Transferable[]): void;
};

/** A page can be closed at any moment, so there is also a checkpoint every minute. */
const CADENCE: Cadence = { validateEvery: 25, checkpointEvery: 50, checkpointMinutes: 1, lossEvery: 1 };

const MOST_WORKERS = 4;

const onNotice = (message: string): void => scope.postMessage({ type: 'notice', message });

let opened: Promise<RunStore> | undefined;
const store = (): Promise<RunStore> => {
  opened ??= RunStore.open();
  return opened;
};

let pause: AbortController | undefined;

let claimed: Promise<void> | undefined;
/** Whether this tab owns the run. */
let isOurs = false;

scope.onmessage = ({ data: command }) => {
  if (command.type === 'pause') pause?.abort();
  else void obey(command);
};

async function obey(command: Exclude<Command, { type: 'pause' }>): Promise<void> {
  try {
    if (command.type !== 'look' && !isOurs) throw new InputError('Another tab has this run.');
    await handlers[command.type](command as never);
  } catch (error) {
    const run = await store()
      .then((kept) => (isOurs ? kept.look() : null))
      .catch(() => null);
    scope.postMessage({ type: 'failed', problem: toProblem(error), run });
  }
}

type Handlers = {
  [K in Exclude<Command['type'], 'pause'>]: (command: Extract<Command, { type: K }>) => Promise<void>;
};

const handlers: Handlers = {
  look: async () => {
    const gpu = await openGpu(navigator.gpu);
    gpu.destroy();
    claimed ??= claimRun(() => scope.postMessage({ type: 'elsewhere' }));
    await claimed;
    isOurs = true;
    const run = await (await store()).look();
    scope.postMessage({ type: 'ready', adapter: summarise(gpu.traits), run });
  },

  begin: async ({ files, wish }) => {
    await begin(files, wish);
    await train();
  },

  resume: train,

  discard: async () => {
    await (await store()).discard();
    scope.postMessage({ type: 'discarded' });
  },

  weights: async () => {
    scope.postMessage({ type: 'weights', file: await weights() });
  },

  try: async ({ photo }) => {
    const enhancer = await Enhancer.create({
      model: new Uint8Array(await (await weights()).arrayBuffer()),
      modelName: 'The trained weights',
    });
    try {
      const { image } = await decodePixels(photo);
      const enhanced = await enhancer.run(image, { output: 'imageData' });
      const file = await encode(photo, enhanced, 1);
      const [before, after] = await Promise.all([createImageBitmap(image), createImageBitmap(file)]);
      scope.postMessage({ type: 'tried', before, after, file }, [before, after]);
    } finally {
      await enhancer.dispose();
    }
  },
};

async function weights(): Promise<File> {
  const file = await (await store()).weights();
  if (!file) throw new InputError('There are no weights yet: the first come with the first validation.');
  return file;
}

async function begin(files: readonly File[], wish: Wish): Promise<void> {
  const config = planRun(
    fileScenes(files).map(({ name }) => name),
    wish,
  );
  await (await store()).begin(config, files);
}

/** Continues the stored run. */
async function train(): Promise<void> {
  const kept = await store();
  const checkpoint = await kept.resume();
  const run = await kept.look();
  if (!run) throw new InputError('There is no run to go on with. Choose HDR files first.');
  const gpu = await openGpu(navigator.gpu);
  pause = new AbortController();
  scope.postMessage({ type: 'running', run });
  try {
    await runOn(gpu, kept, run.config, checkpoint, pause.signal);
  } finally {
    pause = undefined;
    kept.close();
    gpu.destroy();
  }
  const ended = await kept.look();
  if (ended) scope.postMessage({ type: 'stopped', run: ended });
}

async function runOn(
  gpu: Gpu,
  kept: RunStore,
  config: ReturnType<typeof planRun>,
  checkpoint: Awaited<ReturnType<RunStore['resume']>>,
  signal: AbortSignal,
): Promise<void> {
  const scenes = fileScenes(await kept.scenes());
  const workers = Math.min(MOST_WORKERS, Math.max(1, navigator.hardwareConcurrency - 1));
  const of = (names: readonly string[]) => scenes.filter(({ name }) => names.includes(name));
  const heldOut = of(config.scenes.validation);
  const source = { seed: config.seed, config: config.synthesis, workers, onNotice };
  const pairs = openWebPairs({ ...source, scenes: of(config.scenes.train) });
  const output: RunOutput = {
    log: async (line) => {
      await kept.log(line);
      scope.postMessage({ type: 'line', line });
    },
    checkpoint: (step, bytes) => kept.checkpoint(step, bytes),
    best: (bytes) => kept.best(bytes),
    final: (bytes) => kept.final(bytes),
    previews: async (step, previews) => scope.postMessage({ type: 'previews', step, previews }),
  };
  try {
    await runJob(gpu, {
      config,
      cadence: CADENCE,
      checkpoint,
      pairs,
      validation:
        heldOut.length > 0 ? (options) => makeWebValidation(heldOut, { ...options, workers }) : undefined,
      output,
      runtime: 'a browser page',
      signal,
      onNotice,
    });
  } finally {
    await pairs.close();
  }
}
