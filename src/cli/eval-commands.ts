import { Argument, type Command, InvalidArgumentError } from 'commander';
import { BASELINE_NAMES, type BaselineName } from '../eval/baselines/baselines';
import { BRISQUE_FIT } from '../eval/metrics/brisque-fit';
import { METRIC_NAMES, type MetricName } from '../eval/metrics/measure';
import type { BrisqueFitFlags } from './eval-fit-brisque';
import type { FitFlags } from './eval-fit-niqe';
import type { ScoreFlags } from './eval-score';

/** Adds `score`, `apply`, `fit-niqe` and `fit-brisque` below `glocal eval`. */
export function registerEvalSubcommands(evaluate: Command): void {
  // What follows pulls in sharp; other commands need not wait for it.
  withModelOptions(evaluate.command('score'))
    .description('measure pictures')
    .argument('<image...>', 'pictures: PNG, JPEG, WebP, TIFF')
    .option('--hdr <file>', 'the HDR picture (.hdr, .exr) that they show, for TMQI')
    .option('--target <file>', 'what they should have become, for PSNR, SSIM and CIEDE2000')
    .option('--metrics <names>', `of ${METRIC_NAMES.join(', ')}`, metricNames, METRIC_NAMES)
    .option('--json', 'print JSON')
    .action(async (images: string[], _: unknown, command: Command) => {
      const { scorePictures } = await import('./eval-score');
      // What `eval` has under the same name, it takes wherever it stands.
      await scorePictures(images, command.optsWithGlobals<ScoreFlags>());
    });
  evaluate
    .command('apply')
    .description('run one of the methods that models are compared with')
    .addArgument(new Argument('<method>', 'which').choices(BASELINE_NAMES))
    .argument('<image>', 'a picture')
    .requiredOption('-o, --out <file>', 'where the result goes (.png, .jpg)')
    .action(async (method: BaselineName, image: string, { out }: { out: string }) => {
      const { applyBaseline } = await import('./eval-apply');
      await applyBaseline(method, image, out);
    });
  evaluate
    .command('fit-niqe')
    .description('fit the model of NIQE to undistorted pictures')
    .argument('<dir>', 'folder of sharp, undistorted pictures: PNG, JPEG, WebP, TIFF')
    .requiredOption('-o, --out <file>', 'where the model goes (JSON)')
    .option('--source <text>', 'what the pictures are, kept in the model')
    .action(async (folder: string, flags: FitFlags) => {
      const { fitNiqeToFolder } = await import('./eval-fit-niqe');
      await fitNiqeToFolder(folder, flags);
    });
  evaluate
    .command('fit-brisque')
    .description('fit the model of BRISQUE to pictures that people have scored')
    .argument('<dir>', 'folder of pictures: PNG, JPEG, WebP, TIFF')
    .requiredOption('--scores <file>', 'CSV with a line «file,score» for each picture')
    .requiredOption('-o, --out <file>', 'where the model goes (libsvm text); its ranges go beside it')
    .option('--cost <x>', 'price of an error', positiveReal, BRISQUE_FIT.cost)
    .option('--gamma <x>', 'of the radial basis kernel', positiveReal, BRISQUE_FIT.gamma)
    .option('--epsilon <x>', 'error that counts nothing', positiveReal, BRISQUE_FIT.epsilon)
    .action(async (folder: string, flags: BrisqueFitFlags) => {
      const { fitBrisqueToFolder } = await import('./eval-fit-brisque');
      await fitBrisqueToFolder(folder, flags);
    });
}

/** Options for the models of NIQE and BRISQUE. */
export function withModelOptions(command: Command): Command {
  return command
    .option('--niqe-model <file>', 'model of NIQE (JSON; default: the one of this package)')
    .option('--brisque-model <file>', 'model of BRISQUE (libsvm text); without one there is no BRISQUE')
    .option('--brisque-range <file>', 'its ranges (svm-scale text; default: beside the model)');
}

function positiveReal(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0) {
    throw new InvalidArgumentError('Give a number above 0.');
  }
  return value;
}

/** Names separated by commas. */
export function metricNames(text: string): MetricName[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !(METRIC_NAMES as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw new InvalidArgumentError(`There is no metric «${unknown}». Metrics: ${METRIC_NAMES.join(', ')}.`);
  }
  return names as MetricName[];
}
