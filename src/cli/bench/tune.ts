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
    .description('find the fastest kernels for this adapter and keep them for later runs')
    .option('--rounds <n>', 'samples per candidate', positive, 5)
    .option('--sample <ms>', 'repeat short runs until a sample takes this long', whole, 20)
    .option('--json', 'print JSON')
    .action(async ({ rounds, sample, json }: TuneFlags) => {
      // Dawn is loaded only where it is needed.
      const { tuneInNode } = await import('../../bench/node/tune');
      const onNotice = (message: string) => process.stderr.write(`${message}\n`);
      const tuned = await tuneInNode({ rounds, sampleMs: sample }, onNotice);
      process.stdout.write(json ? `${JSON.stringify(tuned, null, 2)}\n` : table(tuned));
    });
}

function table({ adapter, decisions, file }: TunedAdapter): string {
  const width = Math.max(...decisions.map(({ question }) => question.length)) + 2;
  const lines = decisions.map(({ question, answer, gain }) => {
    return question.padEnd(width) + answer + (gain > 1 ? `: ${gain.toFixed(2)} times as fast` : '');
  });
  return `${[adapter, ...lines, `Kept in ${file}`].join('\n')}\n`;
}
