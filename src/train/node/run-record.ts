import type { SceneDigest } from '../../data/node/scene-digest';
import { GlocalError, WeightsError } from '../../errors';
import { readRegularFileSync } from '../../read-file-node';
import { type RunConfig, readRunConfig } from '../config';

/** The contents of `config.json` in a run folder. */
export interface RunRecord {
  readonly config: RunConfig;
  /** Absolute path of the folder with HDR files. Absent: the bundled scenes. */
  readonly data?: string;
  /** Absolute path of the folder with finished photos. */
  readonly photos?: string;
  /** Digests of the scene and photo files at the start of the run. Absent in records of older versions. */
  readonly digests?: Readonly<Record<string, SceneDigest>>;
}

/**
 * Reads a `config.json`.
 *
 * @param consequence of an unusable file, for the message.
 * @throws {WeightsError} if it is unusable.
 */
export function readRunRecord(path: string, consequence: string): RunRecord {
  const unusable = (why: string) => new WeightsError(`${path} ${why}, so ${consequence}.`);
  let record: Partial<RunRecord> | null;
  try {
    record = JSON.parse(String(readRegularFileSync(path))) as Partial<RunRecord> | null;
  } catch {
    throw unusable('cannot be read as JSON');
  }
  if (typeof record?.config !== 'object' || record.config === null) throw unusable('has no configuration');
  try {
    return { ...record, config: readRunConfig(record.config) };
  } catch (cause) {
    if (cause instanceof GlocalError) throw cause;
    throw unusable('has a configuration that is not whole');
  }
}
