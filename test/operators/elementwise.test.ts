import { describe, expect, test } from 'vitest';
import { GraphError, ShapeError } from '../../src/errors';
import type { AdapterTraits } from '../../src/gpu/types';
import { Graph, gradients, mse, type SymbolicTensor } from '../../src/graph';
import { elementwiseOperators } from '../../src/graph/operators';
import type { KernelContext } from '../../src/kernels/context';
import { elementwiseForward, elementwiseGradient } from '../../src/kernels/elementwise/calls';
import { ELEMENTWISE, type ElementwiseName, PASSED_ON, rowOf } from '../../src/kernels/elementwise/table';
import type { KernelPolicy } from '../../src/kernels/policy';
import type { Layout, Shape, Tensor } from '../../src/kernels/tensor';

const names = Object.keys(ELEMENTWISE) as ElementwiseName[];

// Shapes are refused before the adapter is used.
const context: KernelContext<string> = {
  traits: {} as AdapterTraits,
  policy: {} as KernelPolicy,
  label: '',
  scratch: () => 'scratch',
};
const tensor = (shape: Shape, layout: Layout = 'activation'): Tensor<string> => ({
  shape,
  layout,
  buffer: '',
});

/** Adds a row to a graph. */
function apply(
  name: ElementwiseName,
  inputs: readonly SymbolicTensor[],
  attributes = rowOf(name).example.attributes,
) {
  const operator = elementwiseOperators[name] as (...given: readonly unknown[]) => SymbolicTensor;
  return operator(...inputs, attributes ?? {});
}

describe.each(names)('%s', (name) => {
  const { inputs, channels = 3, masked, attributes = {}, example, gradients: formulas } = rowOf(name);
  const shape: Shape = [2, channels, 4, 5];
  const [right, wrong] = [tensor(shape), tensor([2, channels, 5, 4])];
  const all = Object.fromEntries(
    [...inputs, 'y', 'dy', ...inputs.map((key) => `d${key}`)].map((key) => [key, right]),
  );

  test('refuses a result or an input of another shape', () => {
    const forward = () => elementwiseForward(context, name, { ...all, y: wrong }, example.attributes);
    expect(forward).toThrow(ShapeError);
    expect(forward).toThrow(`${name}: y is activation [2, ${channels}, 5, 4], but must be activation`);
    for (const [input, formula] of Object.entries(formulas)) {
      if (formula === PASSED_ON) continue;
      const gradient = () =>
        elementwiseGradient(context, name, input, { ...all, dy: wrong }, example.attributes);
      // Shapes are compared with that of the first tensor, which is dy where the formula reads nothing else.
      expect(gradient).toThrow(new RegExp(`^${name} gradient: (dy|d${input}) is`));
    }
  });

  test('refuses attributes that are missing or out of range', () => {
    for (const key of Object.keys(attributes)) {
      for (const value of [undefined, Number.NaN]) {
        const given = Object.assign({}, example.attributes, { [key]: value });
        expect(() => elementwiseForward(context, name, all, given)).toThrow(
          `${name}: ${key} is NaN, but must be`,
        );
      }
    }
  });

  test('takes only activations where padding or channels count', () => {
    if (!masked && channels === 3 && rowOf(name).channels === undefined) return;
    const weights = Object.fromEntries(Object.keys(all).map((key) => [key, tensor(shape, 'weight')]));
    expect(() => elementwiseForward(context, name, weights, example.attributes)).toThrow(
      /is weight .* must be activation/,
    );
  });

  test('in a graph refuses inputs that differ, and keeps their shape', () => {
    const graph = new Graph();
    const given = inputs.map((input) => graph.input(input, shape));
    expect(apply(name, given)).toMatchObject({ shape, layout: 'activation' });
    if (inputs.length < 2) return;
    const mixed = [given[0]!, graph.input('other', [2, channels, 5, 4])];
    expect(() => apply(name, mixed)).toThrow(new RegExp(`^${name}: other is activation`));
  });

  test('has the derivatives of its row, and names missing ones', () => {
    for (const input of inputs) {
      const graph = new Graph();
      const given = inputs.map((key) => graph.variable(key, shape));
      const loss = mse(apply(name, given), graph.input('target', shape));
      const make = () => gradients(loss, [graph.tensor(input)]);
      if (input in formulas) expect(make()[0]).toMatchObject({ shape });
      else expect(make).toThrow(GraphError);
    }
  });
});
