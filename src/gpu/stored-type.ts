import { ShaderError } from '../errors';

const STORED_TYPE = /^alias Stored = (vec4<f32>|f32);$/m;

/**
 * A shader with its tensors stored as f16, by changing the line `alias Stored = vec4<f32>;` (or `f32`). Such a shader
 * binds all its tensors as `array<Stored>`, reads them with `vec4f(x[i])` and writes them with `Stored(value)`.
 *
 * @throws {ShaderError} if it has no such line, which means its tensors are always f32.
 */
export function storedAsHalf(name: string, code: string): string {
  if (!STORED_TYPE.test(code)) {
    throw new ShaderError(
      `The kernel ${name} cannot store half precision: its shader has no line "alias Stored = vec4<f32>;".`,
    );
  }
  const half = code.replace(
    STORED_TYPE,
    (_, type: string) => `alias Stored = ${type.replace('f32', 'f16')};`,
  );
  return `enable f16;\n${half}`;
}
