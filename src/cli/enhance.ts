import { type Command, InvalidArgumentError, Option } from 'commander';
import type { EnhanceFlags } from './enhance-run';

/** Adds `glocal enhance`. */
export function registerEnhanceCommand(program: Command): void {
  program
    .command('enhance')
    .description('enhance photos: JPEG, PNG, WebP, TIFF, AVIF, GIF in; JPEG, PNG, WebP out')
    .argument('<file|dir...>', 'photos, and folders of photos')
    .requiredOption('-o, --out <dir>', 'folder for the results; made if it is not there')
    .option('--model <name|path>', 'a model of this package, or a .safetensors file', 'nano')
    .option('--strength <0..1>', '0 leaves the photo as it is, 1 is the full effect', strength, 1)
    .addOption(
      new Option('--format <name>', 'format of the results (default: as the photo)').choices([
        'jpeg',
        'png',
        'webp',
      ]),
    )
    .option('--quality <1..100>', 'quality of JPEG and WebP (default: 92)', quality)
    .option('--suffix <text>', 'put between name and extension of the results', '')
    .option('--overwrite', 'replace results that exist')
    .option('--recursive', 'search folders within folders, and keep their layout')
    .option('--json', 'print one JSON document, and nothing else, on standard output')
    .action(async (inputs: string[], flags: EnhanceFlags) => {
      // Photos pull in sharp and Dawn; other commands need neither.
      const { enhance } = await import('./enhance-run');
      process.exitCode = await enhance(inputs, flags);
    });
}

function strength(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1))
    throw new InvalidArgumentError('Give a number from 0 to 1.');
  return value;
}

function quality(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 100) {
    throw new InvalidArgumentError('Give a whole number from 1 to 100.');
  }
  return value;
}
