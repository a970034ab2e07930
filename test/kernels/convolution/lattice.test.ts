import { describe, expect, it } from 'vitest';
import { convolvedSize, inputGradientGathers } from '../../../src/kernels/convolution/lattice';

describe('inputGradientGathers', () => {
  it.each([
    [4, 2, 1, 12],
    [3, 2, 1, 11],
    [5, 3, 1, 13],
    [3, 1, 1, 7],
    [1, 2, 0, 7],
  ])('meets every product of kernel %i, stride %i, padding %i just once', (kernel, stride, padding, size) => {
    const outputs = convolvedSize(size, kernel, { stride, padding });
    const met = new Map<string, number>();
    for (const g of inputGradientGathers([kernel, kernel], [size, size], { stride, padding })) {
      for (let q = 0; q < g.qH; q++) {
        for (let t = 0; t < g.tapsY; t++) {
          const input = g.phaseY + q * g.outStride;
          const key = `${input} ${g.tap0Y + t * g.tapStep} ${g.originY + q * g.inStride + t}`;
          // Each row phase stands once for every column phase.
          met.set(key, (met.get(key) ?? 0) + 1 / stride);
        }
      }
    }
    let products = 0;
    for (let output = 0; output < outputs; output++) {
      for (let k = 0; k < kernel; k++) {
        const input = output * stride + k - padding;
        if (input < 0 || input >= size) continue;
        products++;
        expect(met.get(`${input} ${k} ${output}`)).toBeCloseTo(1, 9);
      }
    }
    const inside = [...met.keys()].filter((key) => {
      const output = Number(key.split(' ')[2]);
      return output >= 0 && output < outputs;
    });
    expect(inside).toHaveLength(products);
  });
});
