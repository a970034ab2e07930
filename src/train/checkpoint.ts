import { WeightsError } from '../errors';
import { modelParameters } from '../model/model-config';
import { decodeSafetensors, encodeSafetensors } from '../model/safetensors';
import type { StateDict } from '../model/state-dict';
import { type RunConfig, readRunConfig } from './config';

/** What a checkpoint holds beside the variables. The sampler needs nothing: a pair is a function of its index. */
export interface CheckpointMeta {
  /** Steps done. */
  readonly step: number;
  readonly config: RunConfig;
  /** Best validation so far: after which step, mean PSNR in dB. */
  readonly best?: { readonly step: number; readonly psnr: number };
  /** Set once the run has diverged: from here on the learning rate is `factor` times what the schedule says. */
  readonly lowered?: { readonly factor: number; readonly reason: string };
}

export interface Checkpoint {
  readonly state: StateDict;
  readonly meta: CheckpointMeta;
}

/** The state before the first step of a run that starts from weights: Adam's moments are zero. */
export function initialCheckpoint(weights: StateDict, config: RunConfig): Checkpoint {
  const state = new Map(weights);
  for (const { name, shape, trainable } of modelParameters(config.network)) {
    if (!trainable) continue;
    const zeros = () => new Float32Array(shape.reduce((product, size) => product * size, 1));
    state.set(`${name}.adam.m`, { shape, data: zeros() }).set(`${name}.adam.v`, { shape, data: zeros() });
  }
  return { state, meta: { step: 0, config } };
}

/** The same state, to go on from at half the learning rate after the run behind it diverged for `reason`. */
export function withLowerRate({ state, meta }: Checkpoint, reason: string): Checkpoint {
  return { state, meta: { ...meta, lowered: { factor: 0.5, reason } } };
}

const FORMAT = 'glocal-checkpoint-1';

/** Every variable of the training program (weights, running statistics, Adam's moments) as safetensors. */
export function encodeCheckpoint(state: StateDict, meta: CheckpointMeta): Uint8Array<ArrayBuffer> {
  return encodeSafetensors(state, { format: FORMAT, checkpoint: JSON.stringify(meta) });
}

/**
 * @param name what messages call it, a path as a rule.
 * @throws WeightsError if the file is cut off, damaged, or no checkpoint.
 */
export function decodeCheckpoint(bytes: Uint8Array, name: string): Checkpoint {
  const { tensors, metadata } = decodeSafetensors(bytes, name);
  if (metadata.format !== FORMAT || metadata.checkpoint === undefined) {
    throw new WeightsError(
      `${name} is not a checkpoint of this version, so training cannot go on from it. ` +
        'Weight files alone lack the state of the optimiser; start anew without --resume.',
    );
  }
  const meta = JSON.parse(metadata.checkpoint) as CheckpointMeta;
  return { state: tensors, meta: { ...meta, config: readRunConfig(meta.config) } };
}
