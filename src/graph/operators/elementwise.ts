import { GraphError } from '../../errors';
import { elementwiseForward, elementwiseGradient, requireElementwise } from '../../kernels/elementwise/calls';
import {
  ELEMENTWISE,
  type ElementwiseName,
  type Formula,
  PASSED_ON,
  readBy,
  rowOf,
} from '../../kernels/elementwise/table';
import type { Gradients, SymbolicTensor } from '../graph';
import { named } from '../names';

type Rows = typeof ELEMENTWISE;
type TensorsOf<T extends readonly string[]> = { readonly [I in keyof T]: SymbolicTensor };
type Attributes = Readonly<Record<string, number>>;
type Label = { readonly label?: string };
type Arguments<N extends ElementwiseName> = Rows[N] extends { readonly attributes: infer A }
  ? [...TensorsOf<Rows[N]['inputs']>, attributes: Readonly<Record<keyof A, number>> & Label]
  : [...TensorsOf<Rows[N]['inputs']>, attributes?: Label];

/** One function per row: its inputs, then its attributes. The label defaults to the name of the first input. */
type ElementwiseOperators = {
  readonly [N in ElementwiseName]: (...given: Arguments<N>) => SymbolicTensor;
};

/** The operators of `kernels/elementwise/table.ts`, whose rows define them. */
export const elementwiseOperators = Object.fromEntries(
  (Object.keys(ELEMENTWISE) as ElementwiseName[]).map((name) => {
    const count = rowOf(name).inputs.length;
    const operator = (...given: readonly unknown[]): SymbolicTensor => {
      const { label, ...attributes } = (given[count] ?? {}) as Label;
      return addNode(name, given.slice(0, count) as SymbolicTensor[], label, attributes);
    };
    return [name, operator];
  }),
) as Record<ElementwiseName, unknown> as ElementwiseOperators;

export const { add, elu, hdrBlend, log, logSquare, power, relu, sqrt, subtract, sumProduct, tanh } =
  elementwiseOperators;

/** The gradient of a ReLU from its output, also for operators with a fused ReLU. */
export const reluGradient = (y: SymbolicTensor, dy: SymbolicTensor, label: string): SymbolicTensor =>
  addGradient('relu', 'x', { y, dy }, label, {});

function addNode(
  name: ElementwiseName,
  inputs: readonly SymbolicTensor[],
  label: string = inputs[0]!.name,
  attributes: Attributes = {},
): SymbolicTensor {
  const row = rowOf(name);
  const [{ graph, shape, layout }] = inputs as [SymbolicTensor];
  requireElementwise(name, row, named(...inputs), attributes);
  const byName = Object.fromEntries(row.inputs.map((input, index) => [input, inputs[index]!]));
  const { y } = graph.node({
    operator: name,
    label,
    inputs: byName,
    outputs: { y: { name: `${label}.${name}`, shape, layout } },
    attributes,
    emit: (context, tensors) => elementwiseForward(context, name, tensors, attributes),
    derivative: ([dy], wanted): Gradients =>
      row.inputs.map((input, index) => {
        if (!wanted[index]) return undefined;
        const gradient = row.gradients[input];
        if (gradient === undefined) {
          throw new GraphError(
            `gradients: ${name} (${label}) has no derivative with respect to its ${input}.`,
          );
        }
        return gradient === PASSED_ON
          ? dy
          : addGradient(name, input, { ...byName, y, dy: dy! }, label, attributes);
      }),
  });
  return y;
}

function addGradient(
  name: ElementwiseName,
  input: string,
  tensors: Readonly<Record<string, SymbolicTensor>>,
  label: string,
  attributes: Attributes,
): SymbolicTensor {
  const row = rowOf(name);
  const reads = [...readBy(row.gradients[input] as Formula, row), 'dy'];
  const read = Object.fromEntries(reads.map((key) => [key, tensors[key]!]));
  const { graph, shape, layout } = tensors.dy!;
  const results = graph.node({
    operator: `${name}Gradient`,
    label,
    inputs: read,
    outputs: { [`d${input}`]: { name: `${label}.${name}.grad`, shape, layout } },
    emit: (context, tensors) => elementwiseGradient(context, name, input, tensors, attributes),
  });
  return results[`d${input}`]!;
}
