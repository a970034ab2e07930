import { describe, expect, test } from 'vitest';
import { GraphError, ShapeError } from '../../src/errors';
import {
  adam,
  add,
  batchNorm,
  concat,
  conv2d,
  convTranspose2d,
  Graph,
  gradients,
  hdrBlend,
  maxPool2x2,
  mse,
  relu,
  replicate,
  resizeBilinear,
} from '../../src/graph';
import type { Shape } from '../../src/kernels/tensor';

const same = { stride: 1, padding: 1 };

function tensors(x: Shape, w: Shape = [1, 1, 1, 1]) {
  const graph = new Graph();
  return { graph, x: graph.input('x', x), w: graph.variable('conv.weight', w, 'weight') };
}

describe('shapes of results', () => {
  test.each<[string, Shape, Shape, { stride: number; padding: number; paddingAfter?: number }, Shape]>([
    ['3x3, padding 1', [2, 3, 7, 5], [8, 3, 3, 3], { stride: 1, padding: 1 }, [2, 8, 7, 5]],
    ['3x3, stride 2', [2, 3, 7, 6], [8, 3, 3, 3], { stride: 2, padding: 1 }, [2, 8, 4, 3]],
    ['4x4 without padding', [16, 64, 4, 4], [64, 64, 4, 4], { stride: 1, padding: 0 }, [16, 64, 1, 1]],
    [
      '5x5, stride 2, more behind',
      [1, 3, 8, 6],
      [4, 3, 5, 5],
      { stride: 2, padding: 1, paddingAfter: 2 },
      [1, 4, 4, 3],
    ],
    ['5x1', [1, 1, 9, 9], [2, 1, 5, 1], { stride: 1, padding: 0 }, [1, 2, 5, 9]],
  ])('conv2d %s', (_, x, w, attributes, expected) => {
    const t = tensors(x, w);
    expect(conv2d(t.x, t.w, attributes).shape).toEqual(expected);
  });

  test('convTranspose2d 4x4, stride 2, padding 1 doubles', () => {
    const { x, w } = tensors([2, 5, 3, 7], [5, 6, 4, 4]);
    expect(convTranspose2d(x, w, { stride: 2, padding: 1 }).shape).toEqual([2, 6, 6, 14]);
  });

  test('convTranspose2d 7x7, stride 2, with more padding at the end doubles too', () => {
    const { x, w } = tensors([2, 5, 3, 7], [5, 6, 7, 7]);
    expect(convTranspose2d(x, w, { stride: 2, padding: 2, paddingAfter: 3 }).shape).toEqual([2, 6, 6, 14]);
  });

  test('the photo of a blend is data: it has no derivative', () => {
    const { graph, x, w } = tensors([1, 3, 4, 4], [3, 3, 3, 3]);
    const photo = conv2d(x, w, same);
    const light = hdrBlend(photo, x, { threshold: 0.95, offset: 0.1 });
    const loss = mse(light, graph.input('target', light.shape));
    expect(() => gradients(loss, [w])).toThrow(/hdrBlend .* no derivative with respect to its photo/);
  });

  test('pooling drops an odd last row', () => {
    expect(maxPool2x2(tensors([1, 5, 7, 4]).x).shape).toEqual([1, 5, 3, 2]);
  });

  test('names follow the weight; a doubled name gets a number', () => {
    const { x, w } = tensors([1, 1, 4, 4], [1, 1, 3, 3]);
    expect(conv2d(conv2d(x, w, same), w, same).name).toBe('conv.output:2');
  });
});

describe('errors name the operator and the shapes', () => {
  const cases: [string, () => unknown, RegExp][] = [
    [
      'conv2d channels',
      () => conv2d(tensors([1, 4, 8, 8]).x, tensors([1, 1, 1, 1], [8, 3, 3, 3]).w, same),
      /conv2d: conv.weight \[8, 3, 3, 3\].*x \[1, 4, 8, 8\]/,
    ],
    [
      'conv2d kernel too large',
      () => conv2d(tensors([1, 3, 2, 2]).x, tensors([1, 1, 1, 1], [8, 3, 4, 4]).w, { stride: 1, padding: 0 }),
      /conv2d: nothing is left of x \[1, 3, 2, 2\] under conv.weight \[8, 3, 4, 4\]/,
    ],
    [
      'conv2d stride',
      () => conv2d(tensors([1, 3, 8, 8]).x, tensors([1, 1, 1, 1], [8, 3, 3, 3]).w, { stride: 0, padding: 1 }),
      /conv2d: stride is 0/,
    ],
    [
      'conv2d bias',
      () => {
        const { graph, x, w } = tensors([1, 3, 8, 8], [8, 3, 3, 3]);
        conv2d(x, w, { ...same, bias: graph.variable('conv.bias', [1, 7, 1, 1]) });
      },
      /conv2d: conv.bias is activation \[1, 7, 1, 1\].*\[1, 8, 1, 1\]/,
    ],
    [
      'conv2d with an activation as weight',
      () => conv2d(tensors([1, 3, 8, 8]).x, tensors([1, 3, 3, 3]).x, same),
      /conv2d: x is activation \[1, 3, 3, 3\], but must be of weights/,
    ],
    [
      'convTranspose2d channels',
      () => convTranspose2d(tensors([1, 4, 8, 8]).x, tensors([1, 1, 1, 1], [3, 8, 4, 4]).w, same),
      /convTranspose2d: conv.weight \[3, 8, 4, 4\].*x \[1, 4, 8, 8\]/,
    ],
    [
      'convTranspose2d padding',
      () => {
        const { x, w } = tensors([1, 1, 1, 1], [1, 1, 2, 2]);
        convTranspose2d(x, w, same);
      },
      /convTranspose2d: nothing is left of x \[1, 1, 1, 1\] .* padding 1/,
    ],
    [
      'batchNorm parameters',
      () => {
        const { graph, x } = tensors([1, 4, 8, 8]);
        const vector = (name: string, channels: number) => graph.variable(name, [1, channels, 1, 1]);
        const norm = {
          gamma: vector('bn.weight', 4),
          beta: vector('bn.bias', 4),
          runningMean: vector('bn.running_mean', 5),
          runningVariance: vector('bn.running_var', 4),
        };
        batchNorm(x, norm, { mode: 'training', eps: 1e-5, momentum: 0.1 });
      },
      /batchNorm: bn.running_mean is activation \[1, 5, 1, 1\], .* of x \[1, 4, 8, 8\]/,
    ],
    ['maxPool2x2', () => maxPool2x2(tensors([1, 4, 1, 8]).x), /maxPool2x2: x \[1, 4, 1, 8\]/],
    [
      'concat',
      () => {
        const { graph, x } = tensors([1, 4, 8, 8]);
        concat(x, graph.input('y', [1, 4, 8, 7]));
      },
      /concat: y is activation \[1, 4, 8, 7\], .* of x \[1, 4, 8, 8\]/,
    ],
    [
      'replicate',
      () => replicate(tensors([1, 4, 1, 2]).x, { height: 2, width: 2 }),
      /replicate: x is activation \[1, 4, 1, 2\]/,
    ],
    [
      'resizeBilinear',
      () => resizeBilinear(tensors([1, 4, 4, 4]).x, { height: 0.5, width: 2 }),
      /resizeBilinear: height is 0.5/,
    ],
    [
      'add',
      () => {
        const { graph, x } = tensors([1, 4, 8, 8]);
        add(x, graph.input('y', [1, 8, 8, 4]));
      },
      /add: y is activation \[1, 8, 8, 4\], but must be activation \[1, 4, 8, 8\] as x is/,
    ],
    [
      'mse',
      () => {
        const { graph, x } = tensors([1, 4, 8, 8]);
        mse(x, graph.input('y', [1, 3, 8, 8]));
      },
      /mse: y is activation \[1, 3, 8, 8\], .* as x is/,
    ],
    [
      'adam',
      () => {
        const { graph, w } = tensors([1, 4, 8, 8], [8, 4, 3, 3]);
        const gradient = graph.input('g', [8, 4, 3, 1], 'weight');
        adam(w, gradient, graph.input('s', [1, 4, 1, 1]), { beta1: 0.9, beta2: 0.999, eps: 1e-8 });
      },
      /adam: g is weight \[8, 4, 3, 1\], .* as conv.weight is/,
    ],
    ['no elements', () => tensors([1, 0, 8, 8]), /x: the shape \[1, 0, 8, 8\]/],
    [
      'values of a variable',
      () => new Graph().variable('v', [1, 4, 1, 1], 'activation', [1, 2]),
      /v: 2 values .*\[1, 4, 1, 1\]/,
    ],
  ];
  test.each(cases)('%s', (_, build, message) => {
    expect(build).toThrow(ShapeError);
    expect(build).toThrow(message);
  });
});

describe('graph errors', () => {
  test('a name can be used once', () => {
    const { graph } = tensors([1, 1, 1, 1]);
    expect(() => graph.input('x', [1, 1, 1, 1])).toThrow(GraphError);
  });

  test('tensors of two graphs do not mix', () => {
    expect(() => add(tensors([1, 4, 2, 2]).x, tensors([1, 4, 2, 2]).x)).toThrow(GraphError);
  });

  test('only a variable can be trained', () => {
    const { graph, x } = tensors([1, 4, 2, 2]);
    const schedule = graph.input('schedule', [1, 4, 1, 1]);
    expect(() => adam(relu(x), x, schedule, { beta1: 0.9, beta2: 0.999, eps: 1e-8 })).toThrow(GraphError);
  });

  test('an unknown name is refused', () => {
    expect(() => new Graph().tensor('nothing')).toThrow('"nothing"');
  });
});
