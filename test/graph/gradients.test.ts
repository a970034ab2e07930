import { describe, expect, test } from 'vitest';
import { GraphError, ShapeError } from '../../src/errors';
import { batchNorm, conv2d, Graph, gradients, maxPool2x2, mse, relu } from '../../src/graph';

// The numbers are checked by `gradients.cases.ts`, which runs among the kernel cases, also in Chrome.
describe('gradients', () => {
  const same = { stride: 1, padding: 1 };

  function smallNetwork() {
    const graph = new Graph();
    const x = graph.input('x', [1, 3, 8, 8]);
    const target = graph.input('target', [1, 3, 8, 8]);
    const w1 = graph.variable('first.weight', [8, 3, 3, 3], 'weight');
    const w2 = graph.variable('second.weight', [3, 8, 3, 3], 'weight');
    const hidden = conv2d(x, w1, { ...same, relu: true });
    const loss = mse(conv2d(hidden, w2, same), target);
    return { graph, x, w1, w2, hidden, loss };
  }

  test('adds only what is requested: no gradient of the image below the first layer', () => {
    const { graph, w1, w2, loss } = smallNetwork();
    gradients(loss, [w1, w2]);
    const inputGradients = graph.nodes.filter(({ operator }) => operator === 'conv2dInputGradient');
    expect(inputGradients.map(({ label }) => label)).toEqual(['second']);
  });

  test('stops where nothing below is needed', () => {
    const { graph, w2, loss } = smallNetwork();
    const before = graph.nodes.length;
    gradients(loss, [w2]);
    expect(graph.nodes.slice(before).map(({ operator }) => operator)).toEqual([
      'mseGradient',
      'conv2dWeightGradient',
    ]);
  });

  test('gives the shape and layout of each tensor, including intermediates and the loss', () => {
    const { w1, hidden, loss } = smallNetwork();
    const [dw, dh, dloss] = gradients(loss, [w1, hidden, loss]);
    expect(dw).toMatchObject({ shape: w1.shape, layout: 'weight' });
    expect(dh).toMatchObject({ shape: hidden.shape, layout: 'activation' });
    expect(dloss).toMatchObject({ shape: [1, 1, 1, 1], value: [1] });
  });

  test('refuses a tensor that the loss does not depend on', () => {
    const { graph, w1, loss } = smallNetwork();
    const stray = graph.variable('stray.weight', [1, 1, 3, 3], 'weight');
    const count = graph.nodes.length;
    expect(() => gradients(loss, [w1, stray])).toThrow(GraphError);
    expect(() => gradients(loss, [w1, stray])).toThrow('stray.weight [1, 1, 3, 3]');
    expect(graph.nodes.length).toBe(count);
  });

  test('refuses a tensor of another graph', () => {
    const { loss } = smallNetwork();
    expect(() => gradients(loss, [smallNetwork().w1])).toThrow(GraphError);
  });

  test('refuses a loss of more than one element', () => {
    const { hidden, w1 } = smallNetwork();
    expect(() => gradients(hidden, [w1])).toThrow(ShapeError);
  });

  test('refuses a path through an operator without derivative', () => {
    const graph = new Graph();
    const x = graph.variable('x', [2, 4, 4, 4]);
    const vector = (name: string) => graph.variable(name, [1, 4, 1, 1]);
    const norm = {
      gamma: vector('bn.weight'),
      beta: vector('bn.bias'),
      runningMean: vector('bn.running_mean'),
      runningVariance: vector('bn.running_var'),
    };
    const y = batchNorm(x, norm, { mode: 'inference', eps: 1e-5, momentum: 0.1 });
    const loss = mse(maxPool2x2(relu(y)), graph.input('target', [2, 4, 2, 2]));
    expect(() => gradients(loss, [x])).toThrow('batchNormInference (bn) has no derivative');
  });
});
