import { describe, expect, it } from 'vitest';
import { ShaderError } from '../../src/errors';
import { storedAsHalf } from '../../src/gpu/stored-type';

const shader = (type: string) => `// A kernel.
enable subgroups;
alias Stored = ${type};
@group(0) @binding(1) var<storage, read_write> y: array<Stored>;
`;

describe('storedAsHalf', () => {
  it.each([
    ['vec4<f32>', 'vec4<f16>'],
    ['f32', 'f16'],
  ])('turns %s into %s, with the extension in front', (single, half) => {
    expect(storedAsHalf('kernel', shader(single))).toBe(`enable f16;\n${shader(half)}`);
  });

  it('refuses a shader whose tensors are always f32', () => {
    const code = shader('f32').replace('alias Stored', 'alias Other');
    expect(() => storedAsHalf('conv', code)).toThrow(ShaderError);
    expect(() => storedAsHalf('conv', code)).toThrow(/conv cannot store half precision/);
  });
});
