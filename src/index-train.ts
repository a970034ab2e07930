/**
 * Training in your own program, in browsers and Node.
 *
 * ```ts
 * const gpu = await openGpu(navigator.gpu);
 * const { weights } = await trainWeights({ gpu, scenes: { attic: bytesOfAnHdrFile }, steps: 500 });
 * ```
 */
export type { SynthesisConfig } from './data/synthesis-config';
export type { ModelConfig } from './model/model-config';
export type { RunConfig } from './train/config';
export type { EventLine, LogLine, StepLine, ValidationLine } from './train/log';
export { planRun, type Wish } from './train/recipe';
export { DivergenceError } from './train/run';
export { type TrainedWeights, type TrainWeightsOptions, trainWeights } from './train/train-weights';
