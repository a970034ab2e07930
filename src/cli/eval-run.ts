import { InputError } from '../errors';
import { reportPage } from '../eval/report';
import { formatTable } from '../eval/table';
import { reason } from '../reason';
import { writeFileAtomically } from '../train/node/atomic-file';
import { type Evaluation, evaluateMethods, type TableFlags } from './eval-table';

/** Evaluates, prints the table or JSON, and writes the report. */
export async function runEvaluation(flags: TableFlags & { json?: boolean }): Promise<void> {
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const { evaluation, images } = await evaluateMethods(flags, say);
  if (flags.report !== undefined) {
    const page = reportPage({
      table: evaluation.table,
      pictures: evaluation.pictures,
      images,
      facts: factsOf(evaluation),
    });
    try {
      writeFileAtomically(flags.report, page);
    } catch (cause) {
      throw new InputError(`${flags.report} cannot be written: ${reason(cause)}. Choose another place.`, {
        cause,
      });
    }
  }
  const text = [formatTable(evaluation.table), '', ...factsOf(evaluation), ''].join('\n');
  process.stdout.write(flags.json ? `${JSON.stringify(evaluation, null, 2)}\n` : text);
}

function factsOf({ count, size, seed, degraded, adapter, sources }: Evaluation): string[] {
  if (size === null) return [`${count} photos, on ${adapter}`];
  return [
    `${count} pictures of ${size} x ${size}${degraded ? ' with noise and JPEG losses' : ''}, seed ${seed}, on ${adapter}`,
    `scenes (${sources.length}): ${sources.join(', ')}`,
  ];
}
