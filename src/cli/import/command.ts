import type { Command } from 'commander';
import type { ImportFlags } from './run';

/** Adds `glocal import`. */
export function registerImportCommand(program: Command): void {
  program
    .command('import')
    .description("make a weight file of a PyTorch network's state, saved as safetensors")
    .argument('<file>', 'what safetensors.torch.save_file wrote')
    .requiredOption('-o, --out <file>', 'where the weight file goes (.safetensors)')
    .option(
      '--config <json|file>',
      'values of the configuration that the file does not have, as JSON or in a file of it',
    )
    .option('--overwrite', 'replace a file that exists')
    .action(async (file: string, flags: ImportFlags) => {
      const { importModel } = await import('./run');
      await importModel(file, flags);
    });
}
