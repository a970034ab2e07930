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
      'only operators with all of these words in their name; repeat for more',
      (words: string, before: readonly string[] = []) => [...before, words],
    )
    .action((flags: BenchFlags) => run({ ...flags, bench: 'kernels' }));
  withBenchOptions(bench.command('network'), { size: 256, batch: 1 })
    .description('the network forward, and the first photo from a cold start')
    .option('--profile', 'show the time of each call')
    .option('--no-cold', 'leave out the cold start')
    .action((flags: BenchFlags) => run({ ...flags, bench: 'network' }));
  withBenchOptions(bench.command('training'), { size: 128, batch: 4 })
    .description('a training step: forward, backward and Adam, also from a cold start')
    .option('--profile', 'show the time of each call')
    .option('--no-cold', 'leave out the cold start')
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
    .option('--width <list>', 'widths of networks, separated by commas', positives, [8])
    .option('--size <n>', 'side of the image or patch in pixels, a multiple of 16', positive, size)
    .option('--batch <n>', 'images at a time', positive, batch)
    .option('--rounds <n>', 'samples per operator', positive, 5)
    .option('--sample <ms>', 'repeat short runs until a sample takes this long', whole, 50)
    .addOption(
      new Option('--runtime <which>', 'where to compute: in this process (Dawn), or in headless Chrome')
        .choices(['node', 'chrome'])
        .default('node'),
    )
    .addOption(
      new Option('--clock <which>', 'time to show: wall-clock or processor')
        .choices(['wall', 'cpu'])
        .default('wall'),
    )
    .option(
      '--against <list>',
      `compare with other frameworks: ${OPPONENT_NAMES.join(', ')} (in a clone, after npm ci --prefix bench/opponents)`,
      named('opponent', OPPONENT_NAMES),
    )
    .option(
      '--without <families>',
      `families of convolution kernels to leave out: ${CONVOLUTION_FAMILIES.join(', ')}`,
      named('family', CONVOLUTION_FAMILIES),
    )
    .option('--quick', 'a single round, to check that it runs; the numbers mean little')
    .option('--out <path>', 'write the result to a file, or to a folder under a name of bench and adapter')
    .option('--report <file>', 'write a self-contained page (.html) with roofline and bars')
    .option('--json', 'print JSON');
}

const positives = (text: string): number[] => text.split(',').map(positive);
