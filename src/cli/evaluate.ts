import { type Command, InvalidArgumentError } from 'commander';
import { DEFAULT_VALIDATION_COUNT, DEFAULT_VALIDATION_SIZE } from '../data/validation-set';
import { BASELINE_NAMES, type BaselineName } from '../eval/baselines/baselines';
import { METRIC_NAMES } from '../eval/metrics/measure';
import { metricNames, registerEvalSubcommands, withModelOptions } from './eval-commands';
import type { ModelChoice } from './eval-models';
import type { TableFlags } from './eval-table';

/** Adds `glocal eval`. */
export function registerEvaluateCommand(program: Command): void {
  const command = withModelOptions(program.command('eval'))
    .description('measure models and other methods on the scenes that training keeps apart')
    .option('--data <dir>', 'folder of .hdr and .exr files (default: the small CC0 set of @pmndrs/assets)')
    .option('--all', 'all scenes of the folder, not only those that training on it would hold out')
    .option(
      '--photos <dir>',
      'a folder of photos in place of scenes: what can be said without HDR pictures and targets',
    )
    .option(
      '--model <[title=]name|path>',
      'a model of this package, or a .safetensors file, `title=` before it for its own title; again for more, the first is «ours» (default: nano)',
      modelChoices,
    )
    .option('--methods <names>', `of ${BASELINE_NAMES.join(', ')}; or none`, methodNames, BASELINE_NAMES)
    .option(
      '--metrics <names>',
      `of ${METRIC_NAMES.join(', ')} (default: all that there are pictures for)`,
      metricNames,
    )
    .option(
      '--pairs <n>',
      'test pictures, fixed by the seed; as many as there are scenes gives one of each',
      positive,
      DEFAULT_VALIDATION_COUNT,
    )
    .option('--size <n>', 'side of the pictures in pixels', positive, DEFAULT_VALIDATION_SIZE)
    .option('--seed <n>', 'seed of the pictures; 1 gives those that training measures on', whole, 1)
    .option('--workers <n>', 'threads that measure (default: one less than there are cores)', positive)
    .option('--log <file>', 'keep results there as they come, and go on from those of an earlier run')
    .option('--report <file>', 'write a self-contained page (.html) with table, plots and pictures')
    .option('--json', 'print JSON')
    .action(async (flags: Partial<TableFlags> & Omit<TableFlags, 'model'> & { json?: boolean }) => {
      // The GPU and sharp are loaded only where they are needed.
      const { runEvaluation } = await import('./eval-run');
      await runEvaluation({ ...flags, model: flags.model ?? modelChoices('nano') });
    });
  registerEvalSubcommands(command);
}

/** `nano`, `path.safetensors`, or `title=` before either. */
function modelChoices(text: string, before: readonly ModelChoice[] = []): ModelChoice[] {
  // Paths may have = too, but not before their first separator.
  const [, title = `glocal, ${text}`, source = text] = /^([^=/\\]+)=(.*)$/.exec(text) ?? [];
  if (source === '') throw new InvalidArgumentError('Give a name or a path behind the =.');
  return [...before, { title: title.trim(), source }];
}

function methodNames(text: string): BaselineName[] {
  if (text === 'none') return [];
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !(BASELINE_NAMES as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw new InvalidArgumentError(`There is no method «${unknown}». Methods: ${BASELINE_NAMES.join(', ')}.`);
  }
  return names as BaselineName[];
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
