import { availableParallelism } from 'node:os';
import { type Command, Option } from 'commander';
import { TARGET_NAMES } from '../../data/synthesis-config';
import { positive, whole } from '../option-values';
import type { PairsFlags } from './run';

/** Adds `glocal pairs`. */
export function registerPairsCommand(program: Command): void {
  program
    .command('pairs')
    .description('write training pairs as files, to train on them elsewhere')
    .option('--data <dir>', 'folder of .hdr and .exr files (default: the small CC0 set of @pmndrs/assets)')
    .requiredOption('--count <n>', 'how many', positive)
    .requiredOption('--out <place>', 'a folder, or a .tar file in the layout of WebDataset')
    .option('--first <k>', 'number of the first pair, to divide the work', whole, 0)
    .addOption(
      new Option(
        '--part <which>',
        'of scenes that glocal train learns from, of those it keeps apart, or of all',
      )
        .choices(['training', 'validation', 'all'])
        .default('training'),
    )
    .option('--size <n>', 'side of the pictures in pixels', positive, 128)
    .option('--seed <n>', 'fixes the pairs', whole, 1)
    .addOption(
      new Option('--target <kind>', 'see glocal train --target').choices(TARGET_NAMES).default('fused'),
    )
    .option('--degrade', 'sensor noise on half of the inputs and JPEG losses on half, as real photos have')
    .option('--overwrite', 'write into a folder that is not empty, or over a file that exists')
    .option(
      '--workers <n>',
      'threads that make pairs; 0 makes them in the main thread (default: cores - 1)',
      whole,
      Math.max(1, availableParallelism() - 1),
    )
    .action(async (flags: PairsFlags) => {
      const { makePairs } = await import('./run');
      await makePairs(flags);
    });
}
