import { type Command, InvalidArgumentError, Option } from 'commander';
import { TARGET_NAMES } from '../../data/synthesis-config';
import { loadModel } from '../../enhance/node/models';
import { PRESETS } from '../../model/config';
import { MODEL_KINDS } from '../../model/model-config';
import { LOSSES } from '../../model/trainable';
import type { TrainRequest } from '../../train/node/train';
import { real, whole } from '../option-values';

/** Options from commander. */
interface TrainFlags extends Omit<TrainRequest, 'from' | 'globalEncoder' | 'rate' | 'resume'> {
  readonly from?: string;
  readonly global: boolean;
  readonly lr?: number;
  readonly resume?: boolean;
  readonly restarts: number;
}

/** Adds `glocal train`. */
export function registerTrainCommand(program: Command): void {
  const command = program.command('train').description('train the network on a folder of HDR images');
  addNetworkOptions(command);
  addPairOptions(command);
  addStepOptions(command);
  addRunOptions(command);
  command.action(async (flags: TrainFlags) => {
    // Training loads Dawn and the workers, which other commands should not wait for.
    const { train } = await import('../../train/node/train');
    process.exitCode = await train(await request(flags));
  });
}

function addNetworkOptions(command: Command): void {
  command
    .option('--data <dir>', 'folder of .hdr and .exr files (default: the small CC0 set of @pmndrs/assets)')
    .requiredOption('--out <dir>', 'folder for weights, checkpoints and log')
    .option(
      '--from <name|path>',
      'start from a model of this package or a .safetensors file; a --width that is a multiple of its own starts from an equivalent wider network',
    )
    .addOption(
      new Option(
        '--network <kind>',
        "local-global is the paper's; bilateral-grid is a grid of colour maps, fast to train and to run; drht is by Yang et al., for comparison (default: local-global)",
      ).choices(MODEL_KINDS),
    )
    .addOption(
      new Option(
        '--upsampling <how>',
        'balanced prevents the grid that transposed convolutions can leave; free is the paper (default: free)',
      ).choices(['free', 'balanced']),
    )
    .addOption(
      new Option(
        '--preset <name>',
        'size of the network; paper is the whole recipe: width 32, 256x256, 25500 steps (default: nano)',
      ).choices(Object.keys(PRESETS)),
    )
    .option('--width <n>', 'channels at full resolution; 32 is the paper (default: 8)', whole)
    .option(
      '--global-width <n>',
      'channels of the global encoder; 64 is the paper (default: 2 x width)',
      whole,
    )
    .option('--no-global', 'leave out the global encoder: a plain U-Net, for comparison')
    .option('--grid <n>', 'cells along each side of the bilateral grid: 16 or 32 (default: 32)', whole);
}

function addPairOptions(command: Command): void {
  command
    .option('--exposure <low,high>', 'range of exposure values of the inputs (default: -4,0)', range)
    .option('--finished <share>', 'share of pairs with photos to leave unchanged (default: 0)', real)
    .option('--photos <dir>', 'folder of finished, well-exposed photos, used both unchanged and darkened')
    .option('--photo-share <share>', 'share of pairs made from --photos (default: 0.35)', real)
    .option(
      '--degrade',
      'add sensor noise to half of the inputs and JPEG artefacts to half, as in real photos',
    )
    .addOption(
      new Option(
        '--target <kind>',
        'what to learn: the fused picture, as it is or finished (black point, white point and brightness set) (default: fused)',
      ).choices(TARGET_NAMES),
    );
}

function addStepOptions(command: Command): void {
  command
    .option(
      '--patch <n>',
      'side of the training patches in pixels, a multiple of 16 (DRHT: 32) (default: 128)',
      whole,
    )
    .option('--batch <n>', 'pairs per step, at least 2; fewer than 16 train badly (default: 16)', whole)
    .option(
      '--accumulate <n>',
      'compute each step in n parts to save memory; batch norm then sees one part at a time (default: 1)',
      whole,
    )
    .option(
      '--statistics <n>',
      'batches for measuring the batch-norm statistics at the end; 0 keeps the running ones (default: 50)',
      whole,
    )
    .option('--steps <n>', 'length of the run (default: 1000)', whole)
    .option('--lr <x>', 'peak learning rate (default: 0.002)', real)
    .option('--warmup <n>', 'steps of warm-up (default: 50)', whole)
    .addOption(
      new Option(
        '--loss <which>',
        'mean squared error, mean absolute error, or detail: the latter plus that of fine detail ' +
          '(default: mse for local-global, detail for bilateral-grid, mae for drht)',
      ).choices(Object.keys(LOSSES)),
    )
    .option('--seed <n>', 'seed of weights and pairs (default: 1)', whole)
    .option(
      '--validation-pairs <n>',
      'fixed pairs from held-out scenes for validation; 0 for none (default: 48)',
      whole,
    );
}

function addRunOptions(command: Command): void {
  command
    .option(
      '--resume',
      'continue the run in --out with its own options; a larger --steps extends a finished run',
    )
    .option(
      '--recipe <run>',
      "repeat another run's recipe: its folder or config.json; other options take precedence",
    )
    .option(
      '--patience <n>',
      'stop early after n validations without improvement; 0 for never (default: 0)',
      whole,
    )
    .addOption(
      new Option(
        '--runtime <which>',
        'where to compute: in this process (Dawn) or in headless Chrome; auto picks the one with a GPU',
      )
        .choices(['auto', 'node', 'chrome'])
        .default('auto'),
    )
    .option('--validate-every <n>', 'steps between validations', whole, 100)
    .option('--checkpoint-every <n>', 'steps between checkpoints', whole, 50)
    .option('--checkpoint-minutes <n>', 'also write one after this many minutes; 0 for never', real, 10)
    .option(
      '--restarts <n>',
      'automatic restarts without a new checkpoint in between, after losing the browser, device or process',
      whole,
      5,
    )
    .option('--loss-every <n>', 'steps between readings of the loss', whole, 1)
    .option('--report', 'write OUT/report.html at every validation, not only at the end')
    .option(
      '--workers <n>',
      'threads that make pairs; 0 makes them in the main thread (default: cores - 1)',
      whole,
    )
    .option(
      '--preview-data <dir>',
      'instead of training, write a sheet of sample pairs and statistics of scenes and pairs',
    )
    .option(
      '--dump-batch <dir>',
      'instead of training, run only the next step and write its batch, loss, and state before and after',
    )
    .option('--dump-gradients', 'with --dump-batch: also write the gradients');
}

/** Supervises the training process: see `superviseTraining`. Call before the command's action. */
export async function superviseTrainCommand(command: Command): Promise<void> {
  const { superviseTraining } = await import('../../train/node/supervise');
  const { out, resume = false, restarts } = command.opts<TrainFlags>();
  await superviseTraining({ out, resume, restarts });
}

async function request({ resume = false, from, global, lr, ...rest }: TrainFlags): Promise<TrainRequest> {
  const initial = from !== undefined && { from: { name: from, bytes: await loadModel(from) } };
  const rate = lr !== undefined && { rate: lr };
  return { ...rest, ...initial, ...rate, ...(!global && { globalEncoder: false }), resume };
}

function range(text: string): [number, number] {
  const values = text.split(',').map((part) => real(part));
  const [low, high] = values;
  if (values.length !== 2 || low! > high!)
    throw new InvalidArgumentError('Give two numbers, the lower first: -4,1');
  return [low!, high!];
}
