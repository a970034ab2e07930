import { describe as nameOf } from '../../src/gpu/device';
import type { Precision } from '../../src/gpu/kernel-call';
import type { Gpu } from '../../src/gpu/types';
import {
  concat,
  conv2d,
  convTranspose2d,
  Graph,
  maxPool2x2,
  Program,
  relu,
  replicate,
  resizeBilinear,
} from '../../src/graph';
import { fromHalves, toHalves } from '../../src/half';
import { CONVOLUTION_FAMILIES, type ConvolutionFamily } from '../../src/kernels/policy';
import { elementCount, type Layout, type Shape } from '../../src/kernels/tensor';
import { policyOf, withPolicy } from '../../src/kernels/tuned-gpu';
import type { KernelCase } from '../kernels/harness';
import type { Dense } from '../reference';
import * as reference from '../reference';
import { randomArray, randomDense } from '../support/random';

/** The operators for inference with tensors stored as f16, compared with the same stored as f32. */

/** Roundings to 11 bits between the input and the result. */
const ROUNDINGS = 10;

/** A small encoder, join and decoder, with channels off the blocks of four. */
async function compute(gpu: Gpu, family: ConvolutionFamily, precision: Precision): Promise<Float32Array> {
  const graph = new Graph();
  const variable = (name: string, shape: Shape, layout: Layout = 'weight') =>
    graph.variable(name, shape, layout, randomArray(elementCount(shape), name));
  const same = { stride: 1, padding: 1 };
  const x = graph.input('x', [1, 3, 12, 20]);
  const bias = variable('bias', [1, 6, 1, 1], 'activation');
  const skip = conv2d(x, variable('first.weight', [6, 3, 3, 3]), { ...same, bias, relu: true });
  const local = maxPool2x2(skip);
  const feature = replicate(variable('feature', [1, 5, 1, 1], 'activation'), { height: 3, width: 5 });
  const joined = relu(concat(local, resizeBilinear(feature, { height: 6, width: 10 })));
  const up = convTranspose2d(joined, variable('up.weight', [11, 5, 4, 4]), { stride: 2, padding: 1 });
  const y = conv2d(concat(skip, up), variable('last.weight', [3, 11, 3, 3]), same);
  const by = withPolicy(gpu, { ...policyOf(gpu), gather: [family] });
  const program = await Program.compile(by, graph, { fetch: [y], precision });
  try {
    program.write(x, randomArray(elementCount(x.shape), 'x', 0, 1));
    program.run();
    return await program.read(y);
  } finally {
    program.destroy();
  }
}

function canHalf(gpu: Gpu): boolean {
  const can = gpu.device.features.has('shader-f16');
  if (!can) console.log(`SKIPPED: ${nameOf(gpu.traits)} has no shader-f16.`);
  return can;
}

const baselines = new WeakMap<Gpu, Promise<Float32Array>>();

/** The result in single precision, computed once for each device, as it hardly depends on the family. */
function baselineOn(gpu: Gpu): Promise<Float32Array> {
  const baseline = baselines.get(gpu) ?? compute(gpu, 'direct', 'f32');
  baselines.set(gpu, baseline);
  return baseline;
}

async function check(gpu: Gpu, family: ConvolutionFamily, precision: Precision): Promise<void> {
  if (!canHalf(gpu)) return;
  const [single, half] = [await baselineOn(gpu), await compute(gpu, family, precision)];
  const largest = single.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const worst = single.reduce((most, value, i) => Math.max(most, Math.abs(value - half[i]!)), 0);
  if (!(largest > 1)) throw new Error(`The largest value is ${largest}.`);
  if (worst === 0) throw new Error('Half precision gives the bits of single precision.');
  if (!(worst <= largest * ROUNDINGS * 2 ** -11)) {
    throw new Error(`Off by ${worst}, where the largest value is ${largest}.`);
  }
}

/** Of a rounding to f16. */
const UNIT_ROUNDOFF = 2 ** -11;
/** Products and sums that are rounded to f16 one after the other, and the result. */
const ROUNDINGS_OF_STEP = 12 + 1 + 1;

/** A layer of 33 channels in f16 arithmetic, against float64: an error of a step's roundings, not of all 297 or 132. */
async function checkArithmetic(gpu: Gpu, kernel: number, stride: number): Promise<void> {
  if (!canHalf(gpu)) return;
  const x = roundedToHalf(randomDense([1, 33, 9, 13], 'x'));
  const w = roundedToHalf(randomDense([12, 33, kernel, kernel], 'w'));
  const attributes = { stride, padding: 1 };
  const absolute = ({ shape, data }: Dense) => ({ shape, data: data.map(Math.abs) });
  const want = reference.conv2d(x, w, undefined, attributes);
  const magnitude = reference.conv2d(absolute(x), absolute(w), undefined, attributes);

  const graph = new Graph();
  const input = graph.input('x', x.shape);
  const y = conv2d(input, graph.variable('w', w.shape, 'weight', w.data), attributes);
  const program = await Program.compile(gpu, graph, { fetch: [y], precision: 'f16-arithmetic' });
  program.write(input, x.data);
  program.run();
  const got = await program.read(y);
  program.destroy();
  let beyondStorage = 0;
  got.forEach((value, at) => {
    const right = want.data[at]!;
    const error = Math.abs(value - right);
    if (error > 1.1 * UNIT_ROUNDOFF * Math.abs(right)) beyondStorage++;
    if (!(error <= ROUNDINGS_OF_STEP * UNIT_ROUNDOFF * magnitude.data[at]!)) {
      throw new Error(`Element ${at} is ${value} instead of ${right}.`);
    }
  });
  if (beyondStorage < got.length / 4) throw new Error('The errors are those of f32 arithmetic.');
}

const roundedToHalf = ({ shape, data }: Dense): Dense => ({
  shape,
  data: Float64Array.from(fromHalves(toHalves(Float32Array.from(data)))),
});

/** Winograd's kernels are for f32 only: other families are used instead. */
export const cases: readonly KernelCase[] = [
  ...CONVOLUTION_FAMILIES.map((family) => ({
    name: `tensors in half precision, by kernels of the family ${family}`,
    run: (gpu: Gpu) => check(gpu, family, 'f16'),
  })),
  { name: 'operators in f16 arithmetic', run: (gpu) => check(gpu, 'direct', 'f16-arithmetic') },
  { name: 'a convolution in f16 arithmetic', run: (gpu) => checkArithmetic(gpu, 3, 1) },
  { name: 'a convolution of stride 2 in f16 arithmetic', run: (gpu) => checkArithmetic(gpu, 2, 2) },
];
