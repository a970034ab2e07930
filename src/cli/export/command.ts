import { type Command, InvalidArgumentError } from 'commander';
import type { PictureSize } from '../../onnx/picture';
import { whole } from '../option-values';
import type { ExportFlags } from './run';

/** Adds `glocal export`. */
export function registerExportCommand(program: Command): void {
  program
    .command('export')
    .description('write a network as an ONNX model for 8-bit pictures of any size')
    .argument('<model>', 'a model of this package, or a .safetensors file')
    .requiredOption('-o, --out <file>', 'the ONNX file to write')
    .option('--opset <n>', 'version of the operators, 13 to 22 (default: 17)', whole)
    .option('--fixed <HxW>', 'accept only this height and width, for runtimes that need a fixed size', size)
    .option('--f16', 'weights and features in half precision, for GPUs that support it')
    .option('--overwrite', 'replace an existing file')
    .action(async (model: string, flags: ExportFlags) => {
      const { exportModel } = await import('./run');
      await exportModel(model, flags);
    });
}

function size(text: string): PictureSize {
  const [, height = 0, width = 0] = (/^(\d{1,6})x(\d{1,6})$/.exec(text) ?? []).map(Number);
  if (height === 0 || width === 0)
    throw new InvalidArgumentError('Give height and width in pixels, for example 1080x1920.');
  return { height, width };
}
