import { type Command, InvalidArgumentError } from 'commander';
import { BASELINE_NAMES, type BaselineName } from '../../eval/baselines/baselines';
import { METRIC_NAMES } from '../../eval/metrics/measure';
import type { ModelChoice } from '../../eval/node/models';
import { named } from '../option-values';

/** Options for the models of NIQE and BRISQUE. */
export function withModelOptions(command: Command): Command {
  return command
    .option('--niqe-model <file>', 'model of NIQE (JSON; default: the one of this package)')
    .option('--brisque-model <file>', 'model of BRISQUE (libsvm text); without one there is no BRISQUE')
    .option('--brisque-range <file>', 'its ranges (svm-scale text; default: beside the model)');
}

/** `nano`, `path.safetensors`, or `title=` before either. */
export function modelChoices(text: string, before: readonly ModelChoice[] = []): ModelChoice[] {
  // Paths may contain = too, but not before their first separator.
  const [, title = `glocal, ${text}`, source = text] = /^([^=/\\]+)=(.*)$/.exec(text) ?? [];
  if (source === '') throw new InvalidArgumentError('Give a name or a path behind the =.');
  return [...before, { title: title.trim(), source }];
}

/** `title=folder`. */
export function pictureFolders(text: string, before: readonly ModelChoice[] = []): ModelChoice[] {
  const [, title, source] = /^([^=/\\]+)=(.+)$/.exec(text) ?? [];
  if (title === undefined || source === undefined)
    throw new InvalidArgumentError('Give a title and a folder, for example mine=results/mine.');
  return [...before, { title: title.trim(), source }];
}

export const metricNames = named('metric', METRIC_NAMES);

export const methodNames = (text: string): BaselineName[] =>
  text === 'none' ? [] : named('method', BASELINE_NAMES)(text);
