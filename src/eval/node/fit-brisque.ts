import { join } from 'node:path';
import { writeFileAtomically } from '../../atomic-file-node';
import { InputError } from '../../errors';
import { reason } from '../../reason';
import { brisqueFeatures } from '../metrics/brisque';
import { type BrisqueFitOptions, fitBrisque, type ScoredFeatures } from '../metrics/brisque-fit';
import { rangesBeside, readPicture, readText } from './files';
import type { EvaluationListener } from './listener';

export interface BrisqueFitFlags extends BrisqueFitOptions {
  out: string;
  scores: string;
}

/**
 * Fits BRISQUE's model to the scored pictures of a folder, and writes the model and its ranges.
 *
 * @throws InputError when the scores cannot be read, or too few pictures are usable.
 */
export async function fitBrisqueToFolder(
  folder: string,
  flags: BrisqueFitFlags,
  listener: EvaluationListener,
): Promise<void> {
  const { out, scores: table } = flags;
  const scores = parseScores(await readText(table), table);
  const samples = await samplesOf(folder, scores, listener);
  const { model, ranges } = await fitBrisque(samples, flags);
  try {
    // The model comes last, so that a complete model always has its ranges.
    writeFileAtomically(rangesBeside(out), ranges);
    writeFileAtomically(out, model);
  } catch (cause) {
    throw new InputError(`${out} cannot be written: ${reason(cause)}. Choose another place.`, { cause });
  }
  listener.onNotice(`${out}, ${rangesBeside(out)}: fitted to ${samples.length} pictures`);
}

/** Unusable pictures are reported and skipped. */
async function samplesOf(
  folder: string,
  scores: ReadonlyMap<string, number>,
  { onNotice, onProgress }: EvaluationListener,
) {
  const samples: ScoredFeatures[] = [];
  let index = 0;
  for (const [file, score] of scores) {
    onProgress(index++, scores.size);
    try {
      samples.push({ features: brisqueFeatures(await readPicture(join(folder, file))), score });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      onNotice(`${file}: left out. ${error.message}`);
    }
  }
  onProgress(scores.size, scores.size);
  return samples;
}

/**
 * Scores by file name; a first line without a number is a header.
 *
 * @throws InputError naming the line that is not a file name and number.
 */
export function parseScores(text: string, name: string): Map<string, number> {
  const scores = new Map<string, number>();
  text.split(/\r?\n/).forEach((line, index) => {
    if (line.trim() === '') return;
    // Splits at the last comma, since file names may contain commas.
    const [, file = '', value = ''] = /^\s*"?(.*?)"?\s*,\s*([^,]*?)\s*$/.exec(line) ?? [];
    const score = value === '' ? Number.NaN : Number(value);
    if (index === 0 && Number.isNaN(score) && file !== '') return;
    if (file === '' || !Number.isFinite(score)) {
      throw new InputError(
        `${name}: line ${index + 1}, "${line.trim().slice(0, 60)}", is not a file name, a comma and a number. Correct it.`,
      );
    }
    if (scores.has(file)) {
      throw new InputError(`${name}: ${file} has two scores; the second is in line ${index + 1}. Keep one.`);
    }
    scores.set(file, score);
  });
  if (scores.size === 0) {
    throw new InputError(`${name} has no scores. Give lines with a file name, a comma and a number.`);
  }
  return scores;
}
