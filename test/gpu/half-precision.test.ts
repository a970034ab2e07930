import { describe, expect, it } from 'vitest';
import { ShaderError } from '../../src/errors';
import { inHalf } from '../../src/gpu/half-precision';

const shader = (type: string, factor = 'f32') => `// A kernel.
enable subgroups;
alias Stored = ${type};
alias Factor = vec4<${factor}>;
@group(0) @binding(1) var<storage, read_write> y: array<Stored>;
`;

describe('inHalf', () => {
  it.each([
    ['vec4<f32>', 'vec4<f16>'],
    ['f32', 'f16'],
  ])('turns %s into %s, with the extension in front', (single, half) => {
    expect(inHalf('kernel', shader(single), 'f16')).toBe(`enable f16;\n${shader(half)}`);
    expect(inHalf('kernel', shader(single), 'f16-arithmetic')).toBe(`enable f16;\n${shader(half, 'f16')}`);
  });

  it('refuses a shader whose tensors are always f32', () => {
    const code = shader('f32').replace('alias Stored', 'alias Other');
    expect(() => inHalf('conv', code, 'f16')).toThrow(ShaderError);
    expect(() => inHalf('conv', code, 'f16')).toThrow(/conv cannot store half precision/);
  });
});
