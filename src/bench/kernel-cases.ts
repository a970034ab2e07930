import { adamStep } from '../kernels/adam';
import { batchNormBackward, batchNormTraining } from '../kernels/batch-norm';
import { concatForward } from '../kernels/concat';
import {
  conv2dForward,
  conv2dInputGradient,
  conv2dWeightGradient,
  convTranspose2dForward,
  convTranspose2dInputGradient,
  convTranspose2dWeightGradient,
} from '../kernels/conv2d';
import { elementwiseForward, elementwiseGradient } from '../kernels/elementwise/calls';
import { maxPoolBackward, maxPoolForward } from '../kernels/max-pool';
import type { Shape } from '../kernels/tensor';
import {
  type ConvolutionProblem,
  convolution,
  nameOf,
  type Pass,
  upsampling,
  workOf,
} from './convolution-problem';
import type { BuildCalls } from './prepared';
import type { Work } from './results';

/** One operator at one shape. */
export interface KernelCase {
  readonly name: string;
  readonly build: BuildCalls;
  /** Absent: taken from the calls. */
  readonly work?: Work;
  /** The problem, if opponents can solve it too. */
  readonly problem?: ConvolutionProblem;
}

const PASSES: readonly Pass[] = ['forward', 'input gradient', 'weight gradient'];

/** Network-independent channels and sides, so that results from all machines are comparable. */
const STANDARD = [
  [32, 128],
  [64, 64],
  [128, 32],
] as const;

/** Levels of the local path: full resolution to a sixteenth. */
const LEVELS = 5;

export interface CaseOptions {
  /** Networks whose layers are measured besides the standard shapes. */
  readonly widths: readonly number[];
  /** Side of those networks' input image. */
  readonly size: number;
  readonly batch: number;
}

/** All cases, without duplicate shapes: standard convolutions, layers of the networks, everything else. */
export function kernelCases({ widths, size, batch }: CaseOptions): KernelCase[] {
  const cases = [
    ...STANDARD.flatMap(([channels, side]) =>
      PASSES.map((pass) =>
        convolutionCase(convolution(pass, { batch, from: channels, to: channels, size: side })),
      ),
    ),
    ...PASSES.map((pass) => convolutionCase(upsampling(pass, { batch, from: 128, to: 64, size: 32 }))),
    ...widths.flatMap((width) => networkProblems(width, size, batch).map(convolutionCase)),
    ...otherCases([batch, 32, 128, 128]),
  ];
  return [...new Map(cases.map((item) => [item.name, item])).values()];
}

/** The convolutions of the local path, one per level: pair, decoder, upsampling; and the two thin layers. */
function networkProblems(width: number, size: number, batch: number): ConvolutionProblem[] {
  const problems: ConvolutionProblem[] = [];
  const every = (make: (pass: Pass) => ConvolutionProblem, passes = PASSES) =>
    problems.push(...passes.map(make));
  // The photo needs no gradient.
  every((pass) => convolution(pass, { batch, from: 3, to: width, size }), ['forward', 'weight gradient']);
  for (let level = 0; level < LEVELS; level++) {
    const to = width * 2 ** level;
    const side = size / 2 ** level;
    every((pass) => convolution(pass, { batch, from: to, to, size: side }));
    if (level === LEVELS - 1) continue;
    every((pass) => convolution(pass, { batch, from: 2 * to, to, size: side }));
    every((pass) => upsampling(pass, { batch, from: 2 * to, to, size: side / 2 }));
  }
  every((pass) => convolution(pass, { batch, from: width, to: 3, size }));
  return problems;
}

export function convolutionCase(problem: ConvolutionProblem): KernelCase {
  return { name: nameOf(problem), build: convolutionCalls(problem), work: workOf(problem), problem };
}

function convolutionCalls({ pass, transposed, x, w, y, stride, padding }: ConvolutionProblem): BuildCalls {
  const attributes = { stride, padding };
  return (context, tensor) => {
    if (pass === 'forward') {
      const t = { x: tensor('x', x), w: tensor('w', w, 'random', 'weight'), y: tensor('y', y, 'output') };
      const forward = transposed ? convTranspose2dForward : conv2dForward;
      return { calls: forward(context, t, attributes), output: t.y };
    }
    if (pass === 'input gradient') {
      const t = { dy: tensor('y', y), w: tensor('w', w, 'random', 'weight'), dx: tensor('dx', x, 'output') };
      const gradient = transposed ? convTranspose2dInputGradient : conv2dInputGradient;
      return { calls: gradient(context, t, attributes), output: t.dx };
    }
    const t = { x: tensor('x', x), dy: tensor('y', y), dw: tensor('dw', w, 'output', 'weight') };
    const gradient = transposed ? convTranspose2dWeightGradient : conv2dWeightGradient;
    return { calls: gradient(context, t, attributes), output: t.dw };
  };
}

/** Operators other than convolutions, at one shape. */
export const otherCases = (shape: Shape): KernelCase[] => [
  ...batchNormCases(shape),
  ...streamingCases(shape),
];

const named = (operator: string, [n, c, h, w]: Shape, build: BuildCalls): KernelCase => ({
  name: `${operator}, ${c} at ${n === 1 ? '' : `${n} x `}${h}x${w}`,
  build,
});

function batchNormCases(shape: Shape): KernelCase[] {
  const vector: Shape = [1, shape[1], 1, 1];
  return [
    named('batch norm and ReLU forward', shape, (context, tensor) => {
      const y = tensor('y', shape, 'output');
      const t = {
        ...{ x: tensor('x', shape), y },
        ...{ gamma: tensor('gamma', vector, 'positive'), beta: tensor('beta', vector) },
        runningMean: tensor('running mean', vector),
        runningVariance: tensor('running variance', vector, 'positive'),
        ...{ mean: tensor('mean', vector, 'output'), rstd: tensor('rstd', vector, 'output') },
      };
      const attributes = { eps: 1e-5, momentum: 0.1, relu: true };
      return { calls: batchNormTraining(context, t, attributes), output: y };
    }),
    named('batch norm and ReLU backward', shape, (context, tensor) => {
      const dx = tensor('dx', shape, 'output');
      const t = {
        ...{ x: tensor('x', shape), dy: tensor('dy', shape), dx },
        ...{ gamma: tensor('gamma', vector, 'positive'), beta: tensor('beta', vector) },
        ...{ mean: tensor('mean', vector), rstd: tensor('rstd', vector, 'positive') },
        ...{ dgamma: tensor('dgamma', vector, 'output'), dbeta: tensor('dbeta', vector, 'output') },
      };
      return { calls: batchNormBackward(context, t, { relu: true }), output: dx };
    }),
  ];
}

/** Pooling, concatenation, elementwise operators and Adam. */
function streamingCases(shape: Shape): KernelCase[] {
  const [n, c, h, w] = shape;
  const pooled: Shape = [n, c, h >> 1, w >> 1];
  return [
    named('max pool forward', shape, (context, tensor) => {
      const y = tensor('y', pooled, 'output');
      return { calls: maxPoolForward(context, { x: tensor('x', shape), y }), output: y };
    }),
    named('max pool backward', shape, (context, tensor) => {
      const dx = tensor('dx', shape, 'output');
      const t = { x: tensor('x', shape), dy: tensor('dy', pooled), dx };
      return { calls: maxPoolBackward(context, t), output: dx };
    }),
    named('concatenation', shape, (context, tensor) => {
      const y = tensor('y', [n, 2 * c, h, w], 'output');
      return {
        calls: concatForward(context, { a: tensor('a', shape), b: tensor('b', shape), y }),
        output: y,
      };
    }),
    named('ReLU backward', shape, (context, tensor) => {
      const dx = tensor('dx', shape, 'output');
      return {
        calls: elementwiseGradient(context, 'relu', 'x', {
          y: tensor('y', shape),
          dy: tensor('dy', shape),
          dx,
        }),
        output: dx,
      };
    }),
    named('addition', shape, (context, tensor) => {
      const y = tensor('y', shape, 'output');
      const inputs = { a: tensor('a', shape), b: tensor('b', shape) };
      return { calls: elementwiseForward(context, 'add', { ...inputs, y }), output: y };
    }),
    named('Adam', shape, (context, tensor) => {
      const parameter = tensor('parameter', shape);
      const t = {
        ...{ parameter, gradient: tensor('gradient', shape) },
        ...{ m: tensor('m', shape, 'zeros'), v: tensor('v', shape, 'zeros') },
        schedule: tensor('schedule', [1, 4, 1, 1], 'positive'),
      };
      const attributes = { beta1: 0.9, beta2: 0.999, eps: 1e-8 };
      return { calls: adamStep(context, t, attributes), output: parameter };
    }),
  ];
}
