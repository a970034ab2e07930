import { availableParallelism } from 'node:os';
import { type Command, Option } from 'commander';
import { TARGET_NAMES } from '../../data/synthesis-config';
import { positive, whole } from '../option-values';
import type { PairsFlags } from './run';

/** Adds `glocal pairs`. */
export function registerPairsCommand(program: Command): void {
  program
    .command('pairs')
    .description('write training pairs as files, to train elsewhere')
    .option('--data <dir>', 'folder of .hdr and .exr files (default: the small CC0 set of @pmndrs/assets)')
    .requiredOption('--count <n>', 'how many', positive)
    .requiredOption('--out <place>', 'a folder, or a .tar file in the layout of WebDataset')
    .option('--first <k>', 'number of the first pair, for sharing work', whole, 0)
    .addOption(
      new Option(
        '--part <which>',
        'scenes to use: those that glocal train learns from, those it holds out, or all',
      )
        .choices(['training', 'validation', 'all'])
        .default('training'),
    )
    .option('--size <n>', 'side of the pictures in pixels', positive, 128)
    .option('--seed <n>', 'seed of the pairs', whole, 1)
    .addOption(
      new Option('--target <kind>', 'see glocal train --target').choices(TARGET_NAMES).default('fused'),
    )
    .option(
      '--degrade',
      'add sensor noise to half of the inputs and JPEG artefacts to half, as in real photos',
    )
    .option('--overwrite', 'write into a non-empty folder, or replace an existing file')
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
