import { accessSync, constants } from 'node:fs';
import { dirname } from 'node:path';
import { Presets, SingleBar } from 'cli-progress';
import { writeFileAtomically } from '../../atomic-file-node';
import { InputError } from '../../errors';
import { type Evaluation, evaluateMethods, type TableFlags } from '../../eval/node/evaluate';
import { reportPage } from '../../eval/report';
import { formatTable } from '../../eval/table';
import { printable } from '../../printable';
import { reason } from '../../reason';

/** Evaluates, prints the table or JSON, and writes the report. */
export async function runEvaluation(flags: TableFlags & { json?: boolean }): Promise<void> {
  const onNotice = (line: string) => process.stderr.write(`${printable(line)}\n`);
  const { report } = flags;
  // Checked before hours of measuring.
  if (report !== undefined) writing(report, () => accessSync(dirname(report), constants.W_OK));
  const bar = new SingleBar(
    { format: '{bar} {value}/{total} pictures, {eta_formatted} left' },
    Presets.shades_classic,
  );
  const onProgress = (done: number, total: number) => {
    if (bar.isActive) bar.update(done);
    else if (process.stderr.isTTY) bar.start(total, done);
  };
  const { evaluation, images } = await evaluateMethods(flags, { onNotice, onProgress }).finally(() =>
    bar.stop(),
  );
  const { shard, log } = flags;
  if (shard) {
    const part = `Part ${shard.index} of ${shard.count}: ${evaluation.count} pictures are in the log`;
    process.stdout.write(`${part}. Run without --shard, and with --log ${log}, when all parts are done.\n`);
    return;
  }
  const { table, pictures } = evaluation;
  const facts = factsOf(evaluation);
  const text = [formatTable(table), '', ...facts, ''].join('\n');
  process.stdout.write(flags.json ? `${JSON.stringify(evaluation, null, 2)}\n` : text);
  if (report !== undefined) {
    writing(report, () => writeFileAtomically(report, reportPage({ table, pictures, images, facts })));
  }
}

/** @throws InputError naming the file if that fails. */
function writing(path: string, write: () => void): void {
  try {
    write();
  } catch (cause) {
    throw new InputError(`${path} cannot be written: ${reason(cause)}. Choose another place.`, { cause });
  }
}

function factsOf(evaluation: Evaluation): string[] {
  const { count, size, seed, target, sharp, finish, degraded, adapter, sources } = evaluation;
  const finished = finish ? ', results finished' : '';
  if (size === null) return [`${count} ${count === 1 ? 'photo' : 'photos'}${finished}, on ${adapter}`];
  return [
    `${count} pictures of ${size} x ${size}${sharp ? ', none enlarged' : ''}${degraded ? ', with noise and JPEG losses' : ''}, seed ${seed}, ${target} targets${finished}, on ${adapter}`,
    `scenes (${sources.length}): ${sources.join(', ')}`,
  ];
}
