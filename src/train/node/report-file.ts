import { cpus } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomically } from '../../atomic-file-node';
import { describeModel } from '../../model/model-config';
import { trainable } from '../../model/trainable';
import type { RunConfig } from '../config';
import { formatCsv } from '../log';
import { runReport } from '../run-report';
import type { Schedule } from '../schedule';
import { readLog } from './log-file';
import { readPreviews } from './preview-files';
import type { RunRecord } from './run-record';

/** Writes `report.html`, and `log.csv` beside it, for a run so far and returns its path. */
export function writeReport(run: string, { config, data }: RunRecord): string {
  const lines = readLog(run);
  const [cpu] = cpus();
  const { batch, schedule, synthesis, scenes } = config;
  const page = runReport({
    title: `Training a ${describeModel(config.network)}`,
    facts: [
      `${schedule.steps} steps of ${batch} pairs of ${synthesis.patch} x ${synthesis.patch}.`,
      `${scenes.train.length} scenes of ${data ?? '@pmndrs/assets'}; ${scenes.validation.length} held out.`,
      `This machine: ${cpus().length} x ${cpu?.model.trim() ?? 'unknown processor'}, ${process.platform}, Node ${process.version}.`,
    ],
    settings: settingsOf(config),
    config: JSON.stringify(config, null, 2),
    lines,
    previews: readPreviews(run, lines.at(-1)?.step ?? 0),
  });
  const path = join(run, 'report.html');
  writeFileAtomically(path, page);
  writeFileAtomically(join(run, 'log.csv'), formatCsv(lines));
  return path;
}

/** The configuration in a few lines. */
function settingsOf(config: RunConfig): [string, string][] {
  const { network, batch, accumulate = 1, loss, seed, synthesis, statistics = 0, validation } = config;
  const { finished, photos, degradation } = synthesis;
  const percent = (share: number) => `${Number((100 * share).toFixed(1))} %`;
  return [
    ['network', describeModel(network)],
    ['loss', loss ?? `${trainable(network).loss} (of this network)`],
    ['learning rate', schedulesOf(config.schedule)],
    [
      'step',
      `${batch} pairs of ${synthesis.patch} x ${synthesis.patch}${accumulate > 1 ? `, in ${accumulate} parts` : ''}`,
    ],
    ['exposure values of inputs', synthesis.exposureValue.join(' to ')],
    ['targets', synthesis.target.finish ? 'fused and finished' : 'fused'],
    ['pairs to be left alone', finished ? percent(finished.share) : 'none'],
    ['pairs of finished photos', photos ? `${percent(photos.share)}, of ${photos.count} photos` : 'none'],
    ['noise and JPEG losses', degradation ? 'on some inputs' : 'none'],
    ['batch norm', statistics > 0 ? `measured again over ${statistics} batches` : 'running statistics'],
    ['validation', `${validation.pairs} pairs of ${validation.size} x ${validation.size}`],
    ['seed', String(seed)],
    ['started from', config.from ? `weights of SHA-256 ${config.from}` : 'random weights'],
  ];
}

function schedulesOf({ rate, warmup, steps, earlier }: Schedule): string {
  const before = earlier ? `${schedulesOf(earlier)}; then ` : '';
  return `${before}up to ${rate} over ${warmup} steps, down along a cosine until step ${steps}`;
}
