import { ShaderError } from '../errors';
import type { Precision } from './kernel-call';

const STORED_TYPE = /^alias Stored = (vec4<f32>|f32);$/m;
const FACTOR_TYPE = 'alias Factor = vec4<f32>;';

/**
 * A shader with its tensors stored as f16, by changing the line `alias Stored = vec4<f32>;` (or `f32`). Such a shader
 * binds all its tensors as `array<Stored>`, reads them with `vec4f(x[i])` and writes them with `Stored(value)`. For f16
 * arithmetic the line `alias Factor = vec4<f32>;` changes too; a shader without it computes in f32.
 *
 * @throws {ShaderError} if it has no line for `Stored`, which means its tensors are always f32.
 */
export function inHalf(name: string, code: string, precision: Exclude<Precision, 'f32'>): string {
  if (!STORED_TYPE.test(code)) {
    throw new ShaderError(
      `The kernel ${name} cannot store half precision: its shader has no line "alias Stored = vec4<f32>;".`,
    );
  }
  const stored = code.replace(
    STORED_TYPE,
    (_, type: string) => `alias Stored = ${type.replace('f32', 'f16')};`,
  );
  const half =
    precision === 'f16-arithmetic' ? stored.replace(FACTOR_TYPE, 'alias Factor = vec4<f16>;') : stored;
  return `enable f16;\n${half}`;
}
