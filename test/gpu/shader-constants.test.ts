import { describe, expect, it } from 'vitest';
import { ShaderError } from '../../src/errors';
import { setConstants } from '../../src/gpu/shader-constants';

const code = `
const OUTSIDE: u32 = 7u;
// constants
const TILE: u32 = 1u; // columns
const SHIFT: i32 = 0i;
const SCALE: f32 = 1.0;
const RELU: bool = false;
// end constants
const AFTER: u32 = 9u;
`;

describe('setConstants', () => {
  it('sets each type and leaves the rest of the file alone', () => {
    const set = setConstants('k', code, { TILE: 8, SHIFT: -3, SCALE: 0.5, RELU: 1 });
    expect(set).toBe(
      code
        .replace('TILE: u32 = 1u', 'TILE: u32 = 8u')
        .replace('SHIFT: i32 = 0i', 'SHIFT: i32 = -3i')
        .replace('SCALE: f32 = 1.0', 'SCALE: f32 = 0.5f')
        .replace('RELU: bool = false', 'RELU: bool = true'),
    );
  });

  it('keeps the values of the file when nothing is named', () => {
    expect(setConstants('k', code, {})).toBe(code);
  });

  it.each(['MISSING', 'OUTSIDE', 'AFTER'])('refuses %s, which the block lacks', (name) => {
    expect(() => setConstants('conv2d', code, { [name]: 1 })).toThrow(ShaderError);
    expect(() => setConstants('conv2d', code, { [name]: 1 })).toThrow(`conv2d: no constant ${name} `);
  });

  it.each([
    ['TILE', -1],
    ['TILE', 1.5],
    ['TILE', 2 ** 32],
    ['SHIFT', 2 ** 31],
    ['SCALE', Number.NaN],
    ['SCALE', 1e39],
    ['RELU', 2],
  ])('refuses %s = %d, which does not fit its type', (name, value) => {
    expect(() => setConstants('k', code, { [name]: value })).toThrow(`does not fit the constant ${name}`);
  });
});
