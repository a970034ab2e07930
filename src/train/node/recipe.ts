import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../errors';
import type { Schedule } from '../schedule';
import type { RunFolder } from './run-folder';
import { type RunRecord, readRunRecord } from './run-record';

/** A requested schedule; see `Schedule`. What is absent comes from the run, or from the defaults. */
export interface ScheduleRequest {
  readonly steps?: number;
  readonly rate?: number;
  readonly warmup?: number;
}

/**
 * The recipe of another run.
 *
 * @param path its `config.json`, or its folder.
 * @throws {InputError} if there is none; {WeightsError} if it is unusable.
 */
export function readRecipe(path: string): RunRecord {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const file = isFolder ? join(path, 'config.json') : path;
  if (!existsSync(file)) {
    throw new InputError(`--recipe: ${file} does not exist. Name the config.json of a run, or its folder.`);
  }
  return readRunRecord(file, 'it cannot be a recipe');
}

/**
 * The record of a run to resume, with a longer schedule if requested: over the added steps, the rate warms up and
 * falls again.
 *
 * @throws {InputError} if the run has not finished: only then is the rate of an uninterrupted run known to be zero.
 */
export function extendRecord(record: RunRecord, request: ScheduleRequest, folder: RunFolder): RunRecord {
  const { schedule } = record.config;
  if (request.steps === undefined || !(request.steps > schedule.steps)) return record;
  const done = folder.newestStep() ?? 0;
  if (done < schedule.steps) {
    throw new InputError(
      `The run in ${folder.path} has done ${done} of its ${schedule.steps} steps, and only a finished run can be extended. ` +
        `Finish it first: glocal train --out ${folder.path} --resume`,
      { code: 'invalid-option' },
    );
  }
  const extended: Schedule = {
    rate: request.rate ?? schedule.rate,
    warmup: request.warmup ?? schedule.warmup,
    steps: request.steps,
    earlier: schedule,
  };
  return { ...record, config: { ...record.config, schedule: extended } };
}
