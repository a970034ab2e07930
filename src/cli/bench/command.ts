import { type Command, Option } from 'commander';
import { OPPONENT_NAMES } from '../../bench/opponent';
import { CONVOLUTION_FAMILIES } from '../../kernels/policy';
import { named, positive, whole } from '../option-values';
import { registerCompareCommand } from './compare';
import type { BenchFlags } from './run';
import { registerTuneCommand } from './tune';

/** Adds `glocal bench`. */
export function registerBenchCommand(program: Command): void {
  const bench = program
    .command('bench')
    .description('measure kernels, network and training step on this machine');
  withBenchOptions(bench.command('kernels'), { size: 256, batch: 1 })
    .description('operators one by one: time, GFLOP/s, GB/s, share of what the adapter can do')
    .option(
      '--filter <words>',
      'only operators whose name has all of these words; again for others',
      (words: string, before: readonly string[] = []) => [...before, words],
    )
    .action((flags: BenchFlags) => run({ ...flags, bench: 'kernels' }));
  withBenchOptions(bench.command('network'), { size: 256, batch: 1 })
    .description('the network forward, and the first photo from cold')
    .option('--profile', 'show where the time goes, call by call')
    .option('--no-cold', 'leave the start from cold out')
    .action((flags: BenchFlags) => run({ ...flags, bench: 'network' }));
  withBenchOptions(bench.command('training'), { size: 128, batch: 4 })
    .description('a training step: forward, backward, Adam; and the first from cold')
    .option('--profile', 'show where the time goes, call by call')
    .option('--no-cold', 'leave the start from cold out')
    .action((flags: BenchFlags) => run({ ...flags, bench: 'training' }));
  registerCompareCommand(bench);
  registerTuneCommand(bench);
}

async function run(flags: BenchFlags): Promise<void> {
  // Dawn is loaded only where it is needed.
  const { runBenchCommand } = await import('./run');
  await runBenchCommand(flags);
}

function withBenchOptions(command: Command, { size, batch }: { size: number; batch: number }): Command {
  return command
    .option('--width <list>', 'widths of networks, with commas', positives, [8])
    .option('--size <n>', 'side of the image or patch in pixels, a multiple of 16', positive, size)
    .option('--batch <n>', 'images at a time', positive, batch)
    .option('--rounds <n>', 'samples of each', positive, 5)
    .option('--sample <ms>', 'short runs are repeated until a sample lasts so long', whole, 50)
    .addOption(
      new Option('--runtime <which>', 'where to compute: in this process (Dawn), or in headless Chrome')
        .choices(['node', 'chrome'])
        .default('node'),
    )
    .addOption(
      new Option('--clock <which>', 'time that the table goes by: on the wall, or of the processor')
        .choices(['wall', 'cpu'])
        .default('wall'),
    )
    .option(
      '--against <list>',
      `race other frameworks: ${OPPONENT_NAMES.join(', ')} (in a clone, after npm ci --prefix bench/opponents)`,
      named('opponent', OPPONENT_NAMES),
    )
    .option(
      '--without <families>',
      `families of convolution kernels that are not to be used: ${CONVOLUTION_FAMILIES.join(', ')}`,
      named('family', CONVOLUTION_FAMILIES),
    )
    .option('--quick', 'one round with no repetition: does it run? The numbers mean little')
    .option('--out <path>', 'keep the result in a file, or in a folder under the name of bench and adapter')
    .option('--report <file>', 'write a self-contained page (.html) with roofline and bars')
    .option('--json', 'print JSON');
}

const positives = (text: string): number[] => text.split(',').map(positive);
