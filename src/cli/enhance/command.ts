import { type Command, InvalidArgumentError, Option } from 'commander';
import { DEFAULT_MODEL } from '../../enhance/default-model';
import { PRECISIONS } from '../../gpu/kernel-call';
import { photoFormat, shard, whole, wholeWithin } from '../option-values';
import type { EnhanceFlags } from './run';

/** Adds `glocal enhance`. */
export function registerEnhanceCommand(program: Command): void {
  const command = program
    .command('enhance')
    .description('enhance photos: JPEG, PNG, WebP, TIFF, AVIF, GIF in; JPEG, PNG, WebP, TIFF out')
    .argument('<photo...>', 'files, folders, patterns such as *.jpg, or - for standard input');
  addResultOptions(command);
  addRunOptions(command);
  command.addHelpText('after', EXAMPLES).action(async (inputs: string[], flags: EnhanceFlags) => {
    // Photos pull in sharp and Dawn; other commands need neither.
    const { enhance } = await import('./run');
    process.exitCode = await enhance(inputs, flags);
  });
}

function addResultOptions(command: Command): void {
  command
    .option(
      '-o, --out <place>',
      'a folder, for one photo also a file, or - for standard output (default: photo-enhanced.jpg next to photo.jpg)',
    )
    .addOption(
      new Option('--model <name|path>', 'a model of this package, or a .safetensors file')
        .default(DEFAULT_MODEL)
        .env('GLOCAL_MODEL'),
    )
    .addOption(
      new Option('--strength <0..1>', '0 leaves the photo as it is, 1 is the full effect')
        .argParser(strength)
        .default(1)
        .env('GLOCAL_STRENGTH'),
    )
    .option('--keep-hue', 'keep the hue of every pixel; only brightness and saturation change')
    .option(
      '--finish',
      "set black point, white point and brightness of the network's result; for nano and small",
    )
    .addOption(
      new Option('--format <name>', 'format of the results: jpg, png, webp or tiff')
        .argParser(photoFormat)
        .default(undefined, 'as the photo')
        .env('GLOCAL_FORMAT'),
    )
    .addOption(
      new Option('--quality <1..100>', 'quality of JPEG and WebP')
        .argParser(wholeWithin(1, 100))
        .default(undefined, '92')
        .env('GLOCAL_QUALITY'),
    );
}

function addRunOptions(command: Command): void {
  command
    .option('--suffix <text>', 'text between name and extension of the results')
    .addOption(new Option('--overwrite', 'replace existing results').conflicts('skipExisting'))
    .option('--skip-existing', 'skip photos whose results exist')
    .option('--raw-preview', "use the camera's JPEG preview of raw files given by name")
    .option('-r, --recursive', 'include subfolders, and keep their layout')
    .option(
      '--shard <i/n>',
      'process only every n-th photo, starting with the i-th, to share work between machines',
      shard,
    )
    .addOption(
      new Option(
        '-j, --jobs <n>',
        'photos in memory at once: one being enhanced, the others decoded or encoded',
      )
        .argParser(wholeWithin(1, 64))
        .default(2)
        .env('GLOCAL_JOBS'),
    )
    .addOption(
      new Option('--tile <pixels|auto>', 'side of the largest tile; smaller tiles take less device memory')
        .argParser(tile)
        .default('auto')
        .env('GLOCAL_TILE'),
    )
    .addOption(
      new Option(
        '--precision <name>',
        'of weights and activations; f16 takes half the device memory, f16-arithmetic also multiplies in f16',
      )
        .choices(PRECISIONS)
        .default('f32')
        .env('GLOCAL_PRECISION'),
    )
    .option('--dry-run', 'show what would be done, without doing it')
    .option('--json', 'print only one JSON document on standard output')
    .addOption(new Option('-q, --quiet', 'report only failures').conflicts(['verbose', 'json']))
    .option('-v, --verbose', 'also report the adapter and the memory used');
}

const EXAMPLES = `
Examples:
  glocal enhance photo.jpg                          writes photo-enhanced.jpg
  glocal enhance holiday/ -o brighter -r            a folder and its subfolders
  glocal enhance *.jpg --format webp --quality 80   other formats
  glocal enhance - -o - < dark.jpg > bright.jpg     as a filter
`;

function strength(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1))
    throw new InvalidArgumentError('Give a number from 0 to 1.');
  return value;
}

const tile = (text: string): number | 'auto' => (text === 'auto' ? text : whole(text));
