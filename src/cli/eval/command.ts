import { type Command, Option } from 'commander';
import { TARGET_NAMES } from '../../data/synthesis-config';
import { DEFAULT_VALIDATION_COUNT, DEFAULT_VALIDATION_SIZE } from '../../data/validation-set';
import { DEFAULT_MODEL } from '../../enhance/default-model';
import { BASELINE_NAMES } from '../../eval/baselines/baselines';
import { METRIC_NAMES } from '../../eval/metrics/measure';
import type { TableFlags } from '../../eval/node/evaluate';
import { positive, shard, whole } from '../option-values';
import { methodNames, metricNames, modelChoices, pictureFolders, withModelOptions } from './options';
import { registerEvalSubcommands } from './subcommands';

/** Adds `glocal eval`. */
export function registerEvaluateCommand(program: Command): void {
  const command = withModelOptions(program.command('eval'))
    .description('measure models and other methods on the scenes that training holds out')
    .option('--data <dir>', 'folder of .hdr and .exr files (default: the small CC0 set of @pmndrs/assets)')
    .option('--all', 'use all scenes of the folder, not only those that training would hold out')
    .addOption(
      new Option(
        '--photos <dir>',
        'a folder of photos instead of scenes, for the metrics that need neither HDR images nor targets',
      ).conflicts(['data', 'all', 'pairs', 'size', 'seed', 'targets', 'sharp', 'degrade']),
    )
    .option(
      '--model <[title=]name|path>',
      `a model of this package, or a .safetensors file, optionally preceded by title=; repeat for more, the first is "ours" (default: ${DEFAULT_MODEL})`,
      modelChoices,
    )
    .option('--methods <names>', `of ${BASELINE_NAMES.join(', ')}; or none`, methodNames, BASELINE_NAMES)
    .option('--metrics <names>', `of ${METRIC_NAMES.join(', ')} (default: all that apply)`, metricNames)
    .option(
      '--pairs <n>',
      'test pictures, fixed by the seed; with the number of scenes, one of each',
      positive,
      DEFAULT_VALIDATION_COUNT,
    )
    .option('--size <n>', 'side of the pictures in pixels', positive, DEFAULT_VALIDATION_SIZE)
    .option('--seed <n>', 'seed of the pictures; 1 gives those of validation in training', whole, 1)
    .addOption(
      new Option('--targets <kind>', 'targets to compare with: see glocal train --target')
        .choices(TARGET_NAMES)
        .default('fused'),
    )
    .option(
      '--sharp',
      'widen views and crops so that no picture is enlarged from its scene (for --size up to about 256)',
    )
    .option('--finish', "finish the networks' results: see glocal enhance --finish")
    .option(
      '--degrade',
      'add sensor noise to half of the inputs and JPEG artefacts to half, as in real photos',
    )
    .option('--workers <n>', 'threads that measure (default: cores - 1)', positive)
    .option('--log <file>', 'file that keeps results as they arrive, so that a stopped run can be continued')
    .option(
      '--shard <i/n>',
      'measure only every n-th picture, starting with the i-th, to share work between machines through --log; run without it to combine the parts',
      shard,
    )
    .option(
      '--pictures <title=dir>',
      "another program's results for the test pictures, named as by --outputs; repeat for more",
      pictureFolders,
    )
    .option('--outputs <dir>', "write every method's pictures there, a folder for each, as PNG")
    .option('--report <file>', 'write a self-contained page (.html) with table, plots and pictures')
    .option('--json', 'print JSON')
    .action(async (flags: Partial<TableFlags> & Omit<TableFlags, 'model'> & { json?: boolean }) => {
      // The GPU and sharp are loaded only where they are needed.
      const { runEvaluation } = await import('./run');
      await runEvaluation({ ...flags, model: flags.model ?? modelChoices(DEFAULT_MODEL) });
    });
  registerEvalSubcommands(command);
}
