import type { Command } from 'commander';
import type { TunedAdapter } from '../../bench/node/tune';
import { positive, whole } from '../option-values';

interface TuneFlags {
  readonly rounds: number;
  readonly sample: number;
  readonly json?: boolean;
}

/** Adds `glocal bench tune`. */
export function registerTuneCommand(bench: Command): void {
  bench
    .command('tune')
    .description('find the quickest kernels for the adapter at hand and keep them for later runs')
    .option('--rounds <n>', 'samples of each', positive, 5)
    .option('--sample <ms>', 'short runs are repeated until a sample lasts so long', whole, 20)
    .option('--json', 'print JSON')
    .action(async ({ rounds, sample, json }: TuneFlags) => {
      // Dawn is loaded only where it is needed.
      const { tuneInNode } = await import('../../bench/node/tune');
      const say = (message: string) => process.stderr.write(`${message}\n`);
      const tuned = await tuneInNode({ rounds, sampleMs: sample }, say);
      process.stdout.write(json ? `${JSON.stringify(tuned, null, 2)}\n` : table(tuned));
    });
}

function table({ adapter, decisions, file }: TunedAdapter): string {
  const width = Math.max(...decisions.map(({ question }) => question.length)) + 2;
  const lines = decisions.map(({ question, answer, gain }) => {
    return question.padEnd(width) + answer + (gain > 1 ? `: ${gain.toFixed(2)} times as quick` : '');
  });
  return `${[adapter, ...lines, `Kept in ${file}`].join('\n')}\n`;
}
