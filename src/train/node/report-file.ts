import { cpus } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomically } from '../../atomic-file-node';
import { describeModel } from '../../model/model-config';
import { runReport } from '../run-report';
import { readLog } from './log-file';
import { readPreviews } from './preview-files';
import type { RunRecord } from './run-record';

/** Writes `report.html` for a run so far and returns its path. */
export function writeReport(run: string, { config, data }: RunRecord): string {
  const lines = readLog(run);
  const [cpu] = cpus();
  const { batch, schedule, synthesis, scenes } = config;
  const page = runReport({
    title: `Training a ${describeModel(config.network)}`,
    facts: [
      `${schedule.steps} steps of ${batch} pairs of ${synthesis.size} x ${synthesis.size}.`,
      `${scenes.train.length} scenes of ${data ?? '@pmndrs/assets'}; ${scenes.validation.length} held out.`,
      `This machine: ${cpus().length} x ${cpu?.model.trim() ?? 'unknown processor'}, ${process.platform}, Node ${process.version}.`,
    ],
    config: JSON.stringify(config, null, 2),
    lines,
    previews: readPreviews(run, lines.at(-1)?.step ?? 0),
  });
  const path = join(run, 'report.html');
  writeFileAtomically(path, page);
  return path;
}
