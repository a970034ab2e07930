import frame from '../../../shaders/elementwise.wgsl?raw';
import type { KernelCall, KernelSource } from '../../gpu/kernel-call';
import type { KernelContext } from '../context';
import { pointwiseCall } from '../pointwise';
import { requireSameShape, requireShape, requireThat, type Shaped } from '../shapes';
import { blocks, type Tensor } from '../tensor';
import {
  ELEMENTWISE,
  type ElementwiseName,
  type ElementwiseRow,
  type Formula,
  PASSED_ON,
  readBy,
  rowOf,
} from './table';

type Attributes = Readonly<Record<string, number>>;
type Tensors<B> = Readonly<Record<string, Tensor<B>>>;

/**
 * y = the row's formula applied to its inputs.
 *
 * @param tensors the inputs by name, and `y`.
 * @throws {ShapeError} unless all have one shape (with the channels the row requires), or for an attribute that the
 * row rules out.
 */
export function elementwiseForward<B>(
  context: KernelContext<B>,
  name: ElementwiseName,
  tensors: Tensors<B>,
  attributes: Attributes = {},
): KernelCall<B>[] {
  return [call(context, name, PASSES[name].forward, tensors, attributes)];
}

/**
 * The gradient of one input, `d<input>`, from `dy`.
 *
 * @param tensors `dy`, `d<input>`, and whatever the formula reads: inputs and the output `y`.
 * @throws {ShapeError} as above.
 */
export function elementwiseGradient<B>(
  context: KernelContext<B>,
  name: ElementwiseName,
  input: string,
  tensors: Tensors<B>,
  attributes: Attributes = {},
): KernelCall<B>[] {
  const pass = PASSES[name].gradients[input];
  requireThat(`${name} gradient`, pass !== undefined, `${input} has no formula of its own.`);
  return [call(context, name, pass!, tensors, attributes)];
}

/** One shader of a row, its bindings, and its floating-point operations per element. */
interface Pass {
  readonly kernel: KernelSource;
  readonly reads: readonly string[];
  readonly writes: string;
  readonly flops: number;
}

function call<B>(
  context: KernelContext<B>,
  name: ElementwiseName,
  { kernel, reads, writes, flops }: Pass,
  tensors: Tensors<B>,
  attributes: Attributes,
): KernelCall<B> {
  const row = rowOf(name);
  const operator = writes === 'y' ? name : `${name} gradient`;
  const used = Object.fromEntries([...reads, writes].map((key) => [key, tensors[key]!]));
  requireElementwise(operator, row, used, attributes);
  const { shape, layout } = tensors[writes]!;
  const [, channels, height, width] = shape;
  return pointwiseCall(context, {
    kernel,
    constants: { MASK: Number(row.masked === true && writes === 'y') },
    tensors: [tensors[writes]!, ...reads.map((key) => tensors[key]!)],
    params: {
      ...(layout === 'activation'
        ? { inner: height * width, blocks: blocks(channels), channels }
        : { inner: 1, blocks: 1, channels: 4 }),
      ...attributes,
    },
    flops,
  });
}

/** Checks a row's requirements on tensors and attributes; tensor names are for messages. */
export function requireElementwise(
  operator: string,
  { masked, channels, attributes: requirements = {} }: ElementwiseRow,
  tensors: Readonly<Record<string, Shaped>>,
  attributes: Attributes,
): void {
  requireSameShape(operator, tensors);
  const [first] = Object.entries(tensors);
  const [name, { shape }] = first!;
  const [n, , height, width] = shape;
  if (channels !== undefined) {
    requireShape(operator, { [name]: first![1] }, [n, channels, height, width], `${channels} channels`);
  } else if (masked) {
    requireShape(operator, { [name]: first![1] }, shape, 'its padding must be known');
  }
  for (const [attribute, { holds, text }] of Object.entries(requirements)) {
    const value = attributes[attribute] ?? Number.NaN;
    requireThat(operator, holds(value), `${attribute} is ${value}, but ${text}.`);
  }
}

/** The frame with a formula inserted; compiler errors identify the row by `name`. */
function kernelOf(
  name: string,
  row: ElementwiseRow,
  formula: Formula,
  reads: readonly string[],
): KernelSource {
  const lines = [formula.wgsl].flat();
  const attributes = Object.keys(row.attributes ?? {}).map((attribute) => `  ${attribute}: f32,`);
  const statements = [
    ...reads.map((input, index) => `    let ${input} = vec4f(input_${index + 1}[i]);`),
    ...lines.slice(0, -1).map((line) => `    ${line}`),
    `    let value = ${lines.at(-1)};`,
  ];
  const code = setLines(setLines(frame, 'attributes', attributes), 'formula', statements);
  return { name, code };
}

/** Inserts lines between `// mark` and `// end mark`. */
function setLines(code: string, mark: string, lines: readonly string[]): string {
  const block = new RegExp(`^( *// ${mark}\\n)[\\s\\S]*?^( *// end ${mark}$)`, 'm');
  return code.replace(
    block,
    (_, start: string, end: string) => start + lines.map((line) => `${line}\n`).join('') + end,
  );
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

interface Passes {
  readonly forward: Pass;
  /** By input. */
  readonly gradients: Readonly<Record<string, Pass>>;
}

function passesOf(name: ElementwiseName): Passes {
  const row = rowOf(name);
  const kernel = snakeCase(name);
  const pass = (name: string, formula: Formula, reads: readonly string[], writes: string): Pass => {
    return { kernel: kernelOf(name, row, formula, reads), reads, writes, flops: formula.flops };
  };
  const gradients = Object.entries(row.gradients).flatMap(([input, formula]) => {
    if (formula === PASSED_ON) return [];
    const reads = [...readBy(formula, row), 'dy'];
    return [[input, pass(`${kernel}_gradient_${input}`, formula, reads, `d${input}`)]];
  });
  return { forward: pass(kernel, row.forward, row.inputs, 'y'), gradients: Object.fromEntries(gradients) };
}

const PASSES = Object.fromEntries(
  (Object.keys(ELEMENTWISE) as ElementwiseName[]).map((name) => [name, passesOf(name)]),
) as Readonly<Record<ElementwiseName, Passes>>;
