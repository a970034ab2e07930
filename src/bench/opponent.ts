import type { Gpu } from '../gpu/types';
import type { NetworkConfig } from '../model/config';
import type { StateDict } from '../model/state-dict';
import type { Batch } from '../train/batch';
import type { ConvolutionProblem } from './convolution-problem';
import type { Candidate } from './race';

/** Names for `--against`. */
export const OPPONENT_NAMES = ['tfjs', 'jax-js', 'ort', 'ort-native', 'ort-wasm', 'pytorch'] as const;
export type OpponentName = (typeof OPPONENT_NAMES)[number];

/** Opponents that compute on the processor, in Node; the others use WebGPU. */
export const ON_PROCESSOR: readonly OpponentName[] = ['ort-native', 'ort-wasm', 'pytorch'];

/** Their npm packages; PyTorch is not one. */
export const PACKAGES: Readonly<Partial<Record<OpponentName, string>>> = {
  tfjs: '@tensorflow/tfjs-backend-webgpu',
  'jax-js': '@jax-js/jax',
  ort: 'onnxruntime-web',
  'ort-native': 'onnxruntime-node',
  'ort-wasm': 'onnxruntime-web',
};

/** An opponent for one problem; warmed up after its first run. */
export interface OpponentRun extends Candidate {
  /** The output of the last run, dense NCHW (OIHW for weights). */
  read(): Promise<Float32Array>;
  destroy(): void;
}

/** An opponent for training steps. */
export interface OpponentTraining extends Candidate {
  /** Mean squared error of the last step. */
  loss(): Promise<number>;
  /** Gradient of a weight (name and layout as in the weight file) at the given weights and batch. */
  gradient(name: string): Promise<Float32Array>;
  destroy(): void;
}

/**
 * Another framework. A method that is absent or returns null is not supported by the framework. Results compute on
 * the adapter of `gpu`, except for `ON_PROCESSOR`.
 */
export interface Opponent {
  readonly name: OpponentName;
  readonly title: string;
  readonly version: string;
  convolution?(problem: ConvolutionProblem, inputs: ConvolutionInputs): Promise<OpponentRun | null>;
  /** The network with folded batch norm, on one image [1, 3, H, W]. */
  forward?(network: FoldedNetwork, image: Float32Array, size: number): Promise<OpponentRun>;
  /** Training steps of forward, mean squared error, backward and Adam on one batch at a fixed rate. */
  training?(task: TrainingTask): Promise<OpponentTraining>;
}

/** Dense inputs read by a pass. `y` is the output's gradient. */
export interface ConvolutionInputs {
  readonly x?: Float32Array<ArrayBuffer>;
  readonly w?: Float32Array<ArrayBuffer>;
  readonly y?: Float32Array<ArrayBuffer>;
}

export interface FoldedNetwork {
  readonly config: NetworkConfig;
  /** Weights and biases (`foldBatchNorm`). */
  readonly weights: StateDict;
}

export interface TrainingTask {
  readonly config: NetworkConfig;
  readonly weights: StateDict;
  readonly batch: Batch;
  readonly pairs: number;
  readonly size: number;
  readonly rate: number;
}

/** The export `open` of a file in `bench/opponents`. */
export type OpenOpponent = (gpu: Gpu) => Promise<Opponent>;
