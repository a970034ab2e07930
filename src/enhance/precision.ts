import { AdapterError, WeightsError } from '../errors';
import { describe } from '../gpu/device';
import type { Precision } from '../gpu/kernel-call';
import type { Gpu } from '../gpu/types';
import type { Program, SymbolicTensor } from '../graph';

export const HALF_OVERFLOW = 'With these weights values grow beyond half precision. Use the precision f32.';

/** @throws {AdapterError} when the device lacks half precision. */
export function requirePrecision(gpu: Gpu, precision: Precision): void {
  if (precision === 'f32' || gpu.device.features.has('shader-f16')) return;
  throw new AdapterError(
    `precision is "${precision}", but the device of ${describe(gpu.traits)} lacks the feature shader-f16. Use "f32", the ` +
      'default; a device that you open yourself must request the feature.',
  );
}

/** @throws {WeightsError} when half precision overflowed, which would show as black or white pixels. */
export async function readFinite(program: Program, output: SymbolicTensor): Promise<Float32Array> {
  const values = await program.read(output);
  if (program.precision !== 'f32' && !values.every(Number.isFinite)) {
    throw new WeightsError(HALF_OVERFLOW);
  }
  return values;
}
