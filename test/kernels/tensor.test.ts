import { describe, expect, it } from 'vitest';
import {
  elementCount,
  type Layout,
  pack,
  type Shape,
  storedIndex,
  storedLength,
  unpack,
} from '../../src/kernels/tensor';

const SHAPES: readonly Shape[] = [
  [1, 1, 1, 1],
  [2, 3, 5, 7],
  [3, 5, 1, 4],
  [4, 33, 3, 3],
];

describe.each(['activation', 'weight'] satisfies Layout[])('%s layout', (layout) => {
  it.each(SHAPES)(
    'puts each element of [%i, %i, %i, %i] where storedIndex says, and zero elsewhere',
    (...shape) => {
      const dense = Float32Array.from({ length: elementCount(shape) }, (_, at) => at + 1);
      const stored = pack(dense, shape, layout);
      expect(stored).toHaveLength(storedLength(shape, layout));
      expect(unpack(stored, shape, layout)).toEqual(dense);
      let at = 0;
      for (let i = 0; i < shape[0]; i++)
        for (let j = 0; j < shape[1]; j++)
          for (let k = 0; k < shape[2]; k++)
            for (let l = 0; l < shape[3]; l++) {
              expect(stored[storedIndex(shape, layout, i, j, k, l)]).toBe(dense[at++]);
            }
      expect(stored.filter((value) => value !== 0)).toHaveLength(dense.length);
    },
  );

  it('writes into an array from an earlier call', () => {
    const shape: Shape = [2, 3, 5, 7];
    const dense = Float32Array.from({ length: elementCount(shape) }, (_, at) => at + 1);
    const stored = pack(new Float32Array(dense.length).fill(-1), shape, layout);
    expect(pack(dense, shape, layout, stored)).toBe(stored);
    expect(stored).toEqual(pack(dense, shape, layout));
  });
});
