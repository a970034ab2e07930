export { type NetworkConfig, networkConfig, PRESETS, type PresetName, SIZE_MULTIPLE } from './config';
export { foldBatchNorm } from './fold';
export { type InitialisationOptions, initialWeights } from './initialise';
export { networkParameters } from './layers';
export { describeModel, type ModelConfig } from './model-config';
export { buildGlobalEncoder, buildNetwork, type Network, type NetworkMode } from './network';
export { decodeSafetensors, encodeSafetensors } from './safetensors';
export type { StateDict, StateTensor } from './state-dict';
export { decodeWeights, encodeWeights, type Weights, writeState } from './weights';
