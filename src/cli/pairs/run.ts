import { Presets, SingleBar } from 'cli-progress';
import { type PairFilesRequest, writePairs } from '../../data/node/pair-files';
import { printable } from '../../printable';

export type PairsFlags = Omit<PairFilesRequest, 'onNotice' | 'onProgress' | 'degrade' | 'overwrite'> & {
  degrade?: boolean;
  overwrite?: boolean;
};

/** Writes pairs, with a bar on a terminal. */
export async function makePairs({ degrade = false, overwrite = false, ...flags }: PairsFlags): Promise<void> {
  const bar = new SingleBar(
    { format: '{bar} {value}/{total} pairs, {eta_formatted} left' },
    Presets.shades_classic,
  );
  await writePairs({
    ...flags,
    degrade,
    overwrite,
    onNotice: (message) => process.stderr.write(`${printable(message)}\n`),
    onProgress(done, total) {
      if (bar.isActive) bar.update(done);
      else if (process.stderr.isTTY) bar.start(total, done);
    },
  }).finally(() => bar.stop());
  const { count, first, out } = flags;
  process.stdout.write(`${out}: pairs ${first} to ${first + count - 1}.\n`);
}
