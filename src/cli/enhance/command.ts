import { type Command, InvalidArgumentError, Option } from 'commander';
import { DEFAULT_MODEL } from '../../enhance/default-model';
import { PHOTO_FORMATS } from '../../photo/format';
import { shard, whole, wholeWithin } from '../option-values';
import type { EnhanceFlags } from './run';

/** Adds `glocal enhance`. */
export function registerEnhanceCommand(program: Command): void {
  program
    .command('enhance')
    .description('enhance photos: JPEG, PNG, WebP, TIFF, AVIF, GIF in; JPEG, PNG, WebP, TIFF out')
    .argument('<photo...>', 'files, folders, or - for standard input')
    .requiredOption('-o, --out <place>', 'a folder, for one photo also a file, or - for standard output')
    .option('--model <name|path>', 'a model of this package, or a .safetensors file', DEFAULT_MODEL)
    .option('--strength <0..1>', '0 leaves the photo as it is, 1 is the full effect', strength, 1)
    .option('--keep-hue', 'let every pixel keep its hue; light and saturation change')
    .option(
      '--finish',
      'set black point, white point and brightness of what the network makes; for nano and small',
    )
    .addOption(
      new Option('--format <name>', 'format of the results (default: as the photo)').choices(PHOTO_FORMATS),
    )
    .option('--quality <1..100>', 'quality of JPEG and WebP (default: 92)', wholeWithin(1, 100))
    .option('--suffix <text>', 'put between name and extension of the results', '')
    .addOption(new Option('--overwrite', 'replace results that exist').conflicts('skipExisting'))
    .option('--skip-existing', 'leave photos alone whose results exist')
    .option('-r, --recursive', 'search folders within folders, and keep their layout')
    .option(
      '--shard <i/n>',
      'take every n-th photo only, beginning with the i-th: for several machines',
      shard,
    )
    .option(
      '-j, --jobs <n>',
      'photos in memory at once: one is enhanced, others decoded and encoded',
      wholeWithin(1, 64),
      2,
    )
    .option('--tile <pixels|auto>', 'side of the largest tile; less takes less device memory', tile, 'auto')
    .addOption(
      new Option('--precision <name>', 'of weights and activations in device memory; f16 takes half of it')
        .choices(['f32', 'f16'])
        .default('f32'),
    )
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('--json', 'print one JSON document, and nothing else, on standard output')
    .action(async (inputs: string[], flags: EnhanceFlags) => {
      // Photos pull in sharp and Dawn; other commands need neither.
      const { enhance } = await import('./run');
      process.exitCode = await enhance(inputs, flags);
    });
}

function strength(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1))
    throw new InvalidArgumentError('Give a number from 0 to 1.');
  return value;
}

const tile = (text: string): number | 'auto' => (text === 'auto' ? text : whole(text));
