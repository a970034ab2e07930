import { type Command, InvalidArgumentError, Option } from 'commander';
import { TARGET_NAMES, type TargetName } from '../../data/synthesis-config';
import { loadModel } from '../../enhance/node/models';
import { PRESETS, type PresetName } from '../../model/config';
import { MODEL_KINDS, type ModelConfig } from '../../model/model-config';
import { LOSSES, type LossName } from '../../model/trainable';
import type { TrainRequest } from '../../train/node/train';
import { real, whole } from '../option-values';

/** Options from commander; undefined if not given. */
interface TrainFlags {
  data?: string;
  out: string;
  from?: string;
  network?: ModelConfig['kind'];
  upsampling?: 'free' | 'balanced';
  preset?: PresetName;
  width?: number;
  globalWidth?: number;
  global: boolean;
  grid?: number;
  exposure?: [number, number];
  finished?: number;
  photos?: string;
  photoShare?: number;
  degrade?: boolean;
  target?: TargetName;
  patch?: number;
  batch?: number;
  accumulate?: number;
  statistics?: number;
  steps?: number;
  lr?: number;
  warmup?: number;
  loss?: LossName;
  seed?: number;
  validationPairs?: number;
  resume?: boolean;
  recipe?: string;
  patience?: number;
  runtime: TrainRequest['runtime'];
  validateEvery: number;
  checkpointEvery: number;
  checkpointMinutes: number;
  restarts: number;
  lossEvery: number;
  report?: boolean;
  workers?: number;
  dumpBatch?: string;
  dumpGradients?: boolean;
}

/** Adds `glocal train`. */
export function registerTrainCommand(program: Command): void {
  program
    .command('train')
    .description('train the network on a folder of HDR images')
    .option('--data <dir>', 'folder of .hdr and .exr files (default: the small CC0 set of @pmndrs/assets)')
    .requiredOption('--out <dir>', 'folder for weights, checkpoints and log')
    .option(
      '--from <name|path>',
      'start from a model of this package, or a .safetensors file; with a --width twice (or so many times) its own, from what computes the same',
    )
    .addOption(
      new Option(
        '--network <kind>',
        "local-global: the paper's; bilateral-grid: a grid of colour maps, quick to train and to run; drht: two networks by Yang et al., for comparison (default: local-global)",
      ).choices(MODEL_KINDS),
    )
    .addOption(
      new Option(
        '--upsampling <how>',
        'balanced keeps transposed convolutions from leaving a grid; free is the paper (default: free)',
      ).choices(['free', 'balanced']),
    )
    .addOption(
      new Option(
        '--preset <name>',
        'sizes of networks; paper is its whole recipe: width 32, 256x256, 25500 steps (default: nano)',
      ).choices(Object.keys(PRESETS)),
    )
    .option('--width <n>', 'channels at full resolution; 32 is the paper (default: 8)', whole)
    .option(
      '--global-width <n>',
      'channels of the global encoder; 64 is the paper (default: 2 x width)',
      whole,
    )
    .option('--no-global', 'leave the global encoder out: a plain U-Net, for comparison')
    .option('--grid <n>', 'cells along a side of the bilateral grid: 16 or 32 (default: 32)', whole)
    .option('--exposure <low,high>', 'range of exposure values of the inputs (default: -4,0)', range)
    .option('--finished <share>', 'share of pairs that show photos to be left as they are (default: 0)', real)
    .option(
      '--photos <dir>',
      'folder of well-exposed photos that others have finished: pairs show them as they are, and darkened',
    )
    .option('--photo-share <share>', 'share of pairs made from them (default: 0.35)', real)
    .option('--degrade', 'sensor noise on half of the inputs and JPEG losses on half, as real photos have')
    .addOption(
      new Option(
        '--target <kind>',
        'what to learn: the fused picture, or the fused picture with black point, white point and brightness set (default: fused)',
      ).choices(TARGET_NAMES),
    )
    .option(
      '--patch <n>',
      'side of the training patches in pixels, a multiple of 16, for DRHT of 32 (default: 128)',
      whole,
    )
    .option('--batch <n>', 'pairs a step, at least 2; under 16 trains badly (default: 16)', whole)
    .option(
      '--accumulate <n>',
      'compute a step in n parts, for less memory; batch norm then sees one part at a time (default: 1)',
      whole,
    )
    .option(
      '--statistics <n>',
      'batches over which the statistics of batch norm are measured anew in the end; 0 keeps the running ones (default: 50)',
      whole,
    )
    .option('--steps <n>', 'length of the run (default: 1000)', whole)
    .option('--lr <x>', 'highest learning rate (default: 0.002)', real)
    .option('--warmup <n>', 'steps over which the rate rises (default: 50)', whole)
    .addOption(
      new Option(
        '--loss <which>',
        'mean squared error, mean absolute error, or detail: the latter plus that of the finest detail ' +
          '(default: mse for local-global, detail for bilateral-grid, mae for drht)',
      ).choices(Object.keys(LOSSES)),
    )
    .option('--seed <n>', 'seed of weights and pairs (default: 1)', whole)
    .option(
      '--validation-pairs <n>',
      'fixed pairs from held-out scenes to measure by; 0 for none (default: 48)',
      whole,
    )
    .option(
      '--resume',
      'go on with the run in --out by its own options; a larger --steps extends a finished run',
    )
    .option(
      '--recipe <run>',
      'train as another run did: its folder, or its config.json; options given beside it come first',
    )
    .option(
      '--patience <n>',
      'end early after n validations without a better one; 0 for never (default: 0)',
      whole,
    )
    .addOption(
      new Option(
        '--runtime <which>',
        'where to compute: in this process (Dawn) or in headless Chrome; auto takes the one with a GPU',
      )
        .choices(['auto', 'node', 'chrome'])
        .default('auto'),
    )
    .option('--validate-every <n>', 'steps between validations', whole, 100)
    .option('--checkpoint-every <n>', 'steps between checkpoints', whole, 50)
    .option('--checkpoint-minutes <n>', 'minutes after which one is written anyway; 0 for never', real, 10)
    .option(
      '--restarts <n>',
      'times to go on by itself, without a checkpoint in between, when browser, device or process are lost',
      whole,
      5,
    )
    .option('--loss-every <n>', 'steps between two losses read back', whole, 1)
    .option('--report', 'renew OUT/report.html at every validation, not only at the end')
    .option(
      '--workers <n>',
      'threads that make pairs; 0 makes them in the main thread (default: cores - 1)',
      whole,
    )
    .option(
      '--dump-batch <dir>',
      'do not train: run the next step alone and write its batch, loss, and state before and after, for checks',
    )
    .option('--dump-gradients', "with --dump-batch: the parameters' gradients too")
    .action(async (flags: TrainFlags) => {
      // Training loads Dawn and the workers, which other commands should not wait for.
      const { train } = await import('../../train/node/train');
      process.exitCode = await train(await request(flags));
    });
}

/** Supervises the training process: see `superviseTraining`. Call before the command's action. */
export async function superviseTrainCommand(command: Command): Promise<void> {
  const { superviseTraining } = await import('../../train/node/supervise');
  const { out, resume = false, restarts } = command.opts<TrainFlags>();
  await superviseTraining({ out, resume, restarts });
}

async function request({ out, resume = false, from, global, ...rest }: TrainFlags): Promise<TrainRequest> {
  const initial = from !== undefined && { from: { name: from, bytes: await loadModel(from) } };
  return { ...rest, ...initial, ...(!global && { globalEncoder: false }), out, resume };
}

function range(text: string): [number, number] {
  const values = text.split(',').map((part) => real(part));
  const [low, high] = values;
  if (values.length !== 2 || low! > high!)
    throw new InvalidArgumentError('Give two numbers, the lower first: -4,1');
  return [low!, high!];
}
