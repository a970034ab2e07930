import { Argument, type Command } from 'commander';
import { DEFAULT_MODEL } from '../../enhance/default-model';
import { BASELINE_NAMES, type BaselineName } from '../../eval/baselines/baselines';
import { BRISQUE_FIT } from '../../eval/metrics/brisque-fit';
import { METRIC_NAMES } from '../../eval/metrics/measure';
import type { BrisqueFitFlags } from '../../eval/node/fit-brisque';
import type { FitFlags } from '../../eval/node/fit-niqe';
import type { ModelChoice } from '../../eval/node/models';
import { positive, realAbove } from '../option-values';
import type { ExposureFlags } from './exposure';
import { onTerminal } from './listener';
import { metricNames, modelChoices, withModelOptions } from './options';
import type { ScoreFlags } from './score';

/** Adds `score`, `exposure`, `apply`, `fit-niqe` and `fit-brisque` below `glocal eval`. */
export function registerEvalSubcommands(evaluate: Command): void {
  // The following needs sharp, which other commands should not load.
  withModelOptions(evaluate.command('score'))
    .description('measure pictures')
    .argument('<image...>', 'pictures: PNG, JPEG, WebP, TIFF')
    .option('--hdr <file>', 'the HDR picture (.hdr, .exr) that they show, for TMQI')
    .option('--target <file>', 'their target, for PSNR, SSIM and CIEDE2000')
    .option('--metrics <names>', `of ${METRIC_NAMES.join(', ')}`, metricNames, METRIC_NAMES)
    .option('--json', 'print JSON')
    .action(async (images: string[], _: unknown, command: Command) => {
      const { printScores } = await import('./score');
      // Options that `eval` also has are accepted in either position.
      await printScores(images, command.optsWithGlobals<ScoreFlags>());
    });
  evaluate
    .command('exposure')
    .description('how a model changes the brightness of photos, and what it clips')
    .argument('<dir>', 'folder of photos, such as well-exposed ones that should stay unchanged')
    .option('--worst <n>', 'number of photos to list, largest changes first', positive, 5)
    .option('--json', 'print JSON, with every photo')
    .action(async (folder: string, _: unknown, command: Command) => {
      const { reportExposure } = await import('./exposure');
      const { model = modelChoices(DEFAULT_MODEL), ...flags } = command.optsWithGlobals<
        Omit<ExposureFlags, 'model'> & { model?: ModelChoice[] }
      >();
      await reportExposure(folder, { ...flags, models: model });
    });
  evaluate
    .command('apply')
    .description('run one of the baseline methods')
    .addArgument(new Argument('<method>', 'which').choices(BASELINE_NAMES))
    .argument('<image>', 'a picture')
    .requiredOption('-o, --out <file>', 'the result to write (.png, .jpg)')
    .action(async (method: BaselineName, image: string, { out }: { out: string }) => {
      const { applyBaseline } = await import('../../eval/node/apply-baseline');
      await applyBaseline(method, image, out);
    });
  evaluate
    .command('fit-niqe')
    .description('fit the NIQE model to undistorted pictures')
    .argument('<dir>', 'folder of sharp, undistorted pictures: PNG, JPEG, WebP, TIFF')
    .requiredOption('-o, --out <file>', 'the model to write (JSON)')
    .option('--source <text>', 'description of the pictures, kept in the model')
    .action(async (folder: string, flags: FitFlags) => {
      const { fitNiqeToFolder } = await import('../../eval/node/fit-niqe');
      await fitNiqeToFolder(folder, flags, onTerminal);
    });
  evaluate
    .command('fit-brisque')
    .description('fit the BRISQUE model to pictures with human scores')
    .argument('<dir>', 'folder of pictures: PNG, JPEG, WebP, TIFF')
    .requiredOption('--scores <file>', 'CSV with a line "file,score" for each picture')
    .requiredOption('-o, --out <file>', 'the model to write (libsvm text), with its ranges next to it')
    .option('--cost <x>', 'cost of an error', realAbove(0), BRISQUE_FIT.cost)
    .option('--gamma <x>', 'of the radial basis kernel', realAbove(0), BRISQUE_FIT.gamma)
    .option('--epsilon <x>', 'errors up to this are ignored', realAbove(0), BRISQUE_FIT.epsilon)
    .action(async (folder: string, flags: BrisqueFitFlags) => {
      const { fitBrisqueToFolder } = await import('../../eval/node/fit-brisque');
      await fitBrisqueToFolder(folder, flags, onTerminal);
    });
}
