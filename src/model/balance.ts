import type { NetworkConfig } from './config';
import { allLayers } from './layers';
import type { StateDict } from './state-dict';

/**
 * The weights of an equal network without the projection used in training. Under `upsampling: 'balanced'` this
 * removes the alternating part from the kernels of transposed convolutions (`src/kernels/balance-kernel.ts`), in
 * float64. Other tensors are unchanged.
 */
export function balanceUpsampling(state: StateDict, config: NetworkConfig): StateDict {
  if (config.upsampling !== 'balanced') return state;
  const balanced = new Map(state);
  for (const { name, transposed, kernel } of allLayers(config)) {
    const tensor = state.get(`${name}.weight`);
    if (!transposed || !tensor) continue;
    const data = Float32Array.from(tensor.data);
    for (let at = 0; at < data.length; at += kernel * kernel) {
      data.set(project(tensor.data.subarray(at, at + kernel * kernel), kernel), at);
    }
    balanced.set(`${name}.weight`, { shape: tensor.shape, data });
  }
  return balanced;
}

/** Projects one kernel, rows first, then columns. */
function project(kernel: Float32Array, size: number): Float64Array {
  const result = Float64Array.from(kernel);
  for (const [line, step] of [
    [size, 1],
    [1, size],
  ] as const) {
    for (let first = 0; first < size * line; first += line) {
      let alternating = 0;
      for (let k = 0; k < size; k++) alternating += (-1) ** k * result[first + k * step]!;
      for (let k = 0; k < size; k++) {
        result[first + k * step]! -= ((-1) ** k * alternating) / size;
      }
    }
  }
  return result;
}
