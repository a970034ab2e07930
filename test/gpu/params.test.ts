import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { encodeParams } from '../../src/gpu/params';
import { layUniforms } from '../../src/gpu/uniforms';

const call = (code: string, params: Record<string, number>) => ({
  kernel: { name: 'kernel', code },
  label: '',
  params,
});

describe('the uniform block', () => {
  test('is laid out like the struct, whatever the order of the values', () => {
    const code = 'struct Params {\n  a: u32, // of no use\n  b: i32, c: f32,\n}\nstruct Other { d: vec4f }';
    const words = new DataView(encodeParams(call(code, { c: 0.5, a: 7, b: -2 })).buffer);
    expect([words.getUint32(0, true), words.getInt32(4, true), words.getFloat32(8, true)]).toEqual([
      7, -2, 0.5,
    ]);
    expect(words.byteLength).toBe(12);
  });

  test('is empty without the struct, and takes no values then', () => {
    expect(encodeParams(call('fn main() {}', {}))).toHaveLength(0);
    expect(() => encodeParams(call('fn main() {}', { a: 1 }))).toThrow(
      'have a, which its struct Params lacks',
    );
  });

  test('has 32-bit numbers only', () => {
    expect(() => encodeParams(call('struct Params { a: vec4f }', { a: 1 }))).toThrow(
      'kernel: "a: vec4f" in struct Params is none of name: u32, i32 or f32.',
    );
  });

  test('of every shader can be read', () => {
    const folder = new URL('../../shaders/', import.meta.url);
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.wgsl'))) {
      const code = readFileSync(new URL(file, folder), 'utf8');
      const encode = () => encodeParams(call(code, {}));
      // Without the struct a kernel takes none: it counts runs, or its frames come in a uniform of their own.
      if (!code.includes('struct Params')) expect(encode(), file).toHaveLength(0);
      else expect(encode, file).toThrow(/^ \(kernel\): the parameters lack \w+/);
    }
  });

  test('of equal calls is stored once', () => {
    const [a, b] = [Uint8Array.of(1, 2, 3, 4), Uint8Array.of(5, 6, 7, 8)];
    const { bytes, slices } = layUniforms([a, new Uint8Array(), b, a.slice()]);
    expect(slices.map((slice) => slice?.offset)).toEqual([0, undefined, 256, 0]);
    expect([...bytes.subarray(256, 260)]).toEqual([5, 6, 7, 8]);
  });
});
