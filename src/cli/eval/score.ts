import { METRIC_NAMES, METRICS, type Measurement } from '../../eval/metrics/measure';
import { type ScoredPicture, type ScoreOptions, scorePictures } from '../../eval/node/score';

export interface ScoreFlags extends ScoreOptions {
  json?: boolean;
}

/** Measures individual pictures and prints all their metrics. */
export async function printScores(files: readonly string[], flags: ScoreFlags): Promise<void> {
  const scored = await scorePictures(files, flags);
  process.stdout.write(flags.json ? `${JSON.stringify(scored, null, 2)}\n` : scored.map(describe).join('\n'));
}

function describe({ file, width, height, metrics }: ScoredPicture): string {
  const names = METRIC_NAMES.filter((name) => metrics[name]);
  const wide = Math.max(...names.map((name) => METRICS[name].title.length));
  const rows = names.map((name) => {
    const result = metrics[name] as Measurement;
    const { title, better } = METRICS[name];
    const said =
      'value' in result
        ? `${result.value.toFixed(4).padStart(10)}  (${better} is better)`
        : `- ${result.reason}`;
    return `  ${title.padEnd(wide)}  ${said}`;
  });
  return `${[`${file} (${width} x ${height})`, ...rows].join('\n')}\n`;
}
