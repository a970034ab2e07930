import type { Command } from 'commander';
import type { ImportFlags } from './run';

/** Adds `glocal import`. */
export function registerImportCommand(program: Command): void {
  program
    .command('import')
    .description("convert a PyTorch network's state, saved as safetensors, to a weight file")
    .argument('<file>', 'a file written by safetensors.torch.save_file')
    .requiredOption('-o, --out <file>', 'the weight file to write (.safetensors)')
    .option('--config <json|file>', 'configuration values that the file lacks, as JSON or a JSON file')
    .option('--overwrite', 'replace an existing file')
    .action(async (file: string, flags: ImportFlags) => {
      const { importModel } = await import('./run');
      await importModel(file, flags);
    });
}
