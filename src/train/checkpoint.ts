import { GlocalError, WeightsError } from '../errors';
import { modelParameters } from '../model/model-config';
import { decodeSafetensors, encodeSafetensors } from '../model/safetensors';
import type { StateDict } from '../model/state-dict';
import { sha256 } from '../sha256';
import { type RunConfig, readRunConfig } from './config';
import type { Schedule } from './schedule';

/** The contents of a checkpoint besides the variables. The sampler has no state: a pair is a function of its index. */
interface CheckpointMeta {
  /** Steps done. */
  readonly step: number;
  readonly config: RunConfig;
  /** The best validation so far: its step and mean PSNR in dB. */
  readonly best?: { readonly step: number; readonly psnr: number };
  /** Set once the run has diverged: from then on the learning rate is `factor` times the scheduled one. */
  readonly lowered?: { readonly factor: number; readonly reason: string };
}

export interface Checkpoint {
  readonly state: StateDict;
  readonly meta: CheckpointMeta;
  /** The file comes from an older version and has no hash, so flipped bits go unnoticed. */
  readonly isUnhashed?: boolean;
}

/** The state before the first step of a run that starts from given weights, with Adam's moments at zero. */
export function initialCheckpoint(weights: StateDict, config: RunConfig): Checkpoint {
  const state = new Map(weights);
  for (const { name, shape, trainable } of modelParameters(config.network)) {
    if (!trainable) continue;
    const zeros = () => new Float32Array(shape.reduce((product, size) => product * size, 1));
    state.set(`${name}.adam.m`, { shape, data: zeros() }).set(`${name}.adam.v`, { shape, data: zeros() });
  }
  return { state, meta: { step: 0, config } };
}

/** The same state, to continue at half the learning rate after the run diverged for `reason`. */
export function withLowerRate({ state, meta }: Checkpoint, reason: string): Checkpoint {
  return { state, meta: { ...meta, lowered: { factor: 0.5, reason } } };
}

/** The schedule of the steps after a checkpoint. */
export function scheduleAfter({ schedule }: RunConfig, meta: CheckpointMeta | undefined): Schedule {
  return { ...schedule, rate: schedule.rate * (meta?.lowered?.factor ?? 1) };
}

const FORMAT = 'glocal-checkpoint-2';
/** The format of versions without a hash. */
const UNHASHED_FORMAT = 'glocal-checkpoint-1';

/** The hash covers the whole file, with these digits in place of the hash itself. */
const NO_HASH = '0'.repeat(64);
const HASH_LABEL = '"sha256":"';

/** Every variable of the training program (weights, running statistics, Adam's moments) as safetensors. */
export function encodeCheckpoint(state: StateDict, meta: CheckpointMeta): Uint8Array<ArrayBuffer> {
  const bytes = encodeSafetensors(state, {
    format: FORMAT,
    sha256: NO_HASH,
    checkpoint: JSON.stringify(meta),
  });
  bytes.set(new TextEncoder().encode(sha256(bytes)), placeOfHash(bytes));
  return bytes;
}

/**
 * @param name how messages refer to it, usually a path.
 * @throws WeightsError if the file is truncated, altered by as much as one bit, or not a checkpoint.
 */
export function decodeCheckpoint(bytes: Uint8Array, name: string): Checkpoint {
  const { tensors, metadata } = decodeSafetensors(bytes, name);
  const isUnhashed = metadata.format === UNHASHED_FORMAT;
  if (!(isUnhashed || metadata.format === FORMAT) || metadata.checkpoint === undefined) {
    throw new WeightsError(
      `${name} is not a checkpoint of this version, so training cannot continue from it. ` +
        'Weight files alone lack the state of the optimiser; start again without --resume.',
    );
  }
  if (!isUnhashed && metadata.sha256 !== hashOf(bytes)) {
    throw new WeightsError(
      `${name} was changed or damaged after it was written (its SHA-256 differs), so training cannot continue from it.`,
    );
  }
  const meta = parseMeta(metadata.checkpoint, name);
  return { state: tensors, meta, ...(isUnhashed && { isUnhashed }) };
}

function parseMeta(json: string, name: string): CheckpointMeta {
  try {
    const meta = JSON.parse(json) as CheckpointMeta;
    if (!Number.isSafeInteger(meta.step) || meta.step < 0) throw new Error('no number of steps');
    return { ...meta, config: readRunConfig(meta.config) };
  } catch (cause) {
    if (cause instanceof GlocalError) throw cause;
    throw new WeightsError(`${name} does not name its run and step, so training cannot continue from it.`, {
      cause,
    });
  }
}

/** The hash of the file with `NO_HASH` in place of its own. */
function hashOf(bytes: Uint8Array): string {
  const place = placeOfHash(bytes);
  return sha256(
    bytes.subarray(0, place),
    new TextEncoder().encode(NO_HASH),
    bytes.subarray(place + NO_HASH.length),
  );
}

/** Quotes inside the header's strings are escaped, so this label occurs only once. */
function placeOfHash(bytes: Uint8Array): number {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  // One character per byte, so that indices into the text are file offsets.
  const header = Array.from(bytes.subarray(8, 8 + length), (byte) => String.fromCharCode(byte)).join('');
  return 8 + header.indexOf(HASH_LABEL) + HASH_LABEL.length;
}
