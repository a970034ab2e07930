import type { Gpu } from '../../src/gpu/types';
import { Graph, gradients, Program, type SymbolicTensor } from '../../src/graph';
import type { Layout, Shape } from '../../src/kernels/tensor';
import type { KernelCase } from '../kernels/harness';
import type { Dense } from '../reference';
import { randomArray, randomDense } from '../support/random';
import { expectClose, expectSame } from '../tolerance';
import { graphOperators, type Operators, oracleOperators } from './operators';

interface Place {
  readonly shape: Shape;
  readonly layout: Layout;
}

const activation = (...shape: Shape): Place => ({ shape, layout: 'activation' });
const weight = (...shape: Shape): Place => ({ shape, layout: 'weight' });

/** A loss as a formula of variables: each operator stands in the middle, between others that are not linear. */
interface Formula<K extends string> {
  readonly variables: Readonly<Record<K, Place>>;
  loss<T>(o: Operators<T>, v: Readonly<Record<K, T>>): T;
}

/** Random directions along which derivatives are compared, per variable. */
const DIRECTIONS = 2;
/** Step of the central differences in float64. */
const FINE_STEP = 1e-6;
/** Step of those on the device, along the gradient, in units of the variables. */
const COARSE_STEP = 2e-3;
/** What the coarse step leaves in f32: curvature, and kinks of ReLU and pooling that it crosses. */
const COARSE_ERROR = 0.03;

function gradientCase<K extends string>(name: string, formula: Formula<K>): KernelCase {
  return { name, run: (gpu) => check(gpu, name, formula) };
}

async function check<K extends string>(gpu: Gpu, name: string, formula: Formula<K>): Promise<void> {
  const graph = new Graph();
  const values = initialValues(formula);
  const variables = mapRecord(formula.variables, ({ shape, layout }, key) =>
    graph.variable(key, shape, layout, values[key].data),
  );
  const loss = formula.loss(graphOperators, variables);
  const keys = Object.keys(variables) as K[];
  const slopes = gradients(
    loss,
    keys.map((key) => variables[key]),
  );
  const program = await Program.compile(gpu, graph, { fetch: [loss, ...slopes] });
  try {
    program.run();
    const measured = await Promise.all(slopes.map((slope) => program.read(slope)));
    const [lossValue] = await program.read(loss);
    const oracleLoss = (v: Readonly<Record<K, Dense>>) => formula.loss(oracleOperators, v).data[0]!;
    expectClose([lossValue!], [oracleLoss(values)], { name: `${name}: loss`, reduction: 1000 });
    keys.forEach((key, index) => {
      compareWithOracle(`${name}: ${key}`, oracleLoss, values, key, measured[index]!);
    });
    await checkReplay(program, slopes, measured);
    await compareOnDevice(program, loss, values, new Map(keys.map((key, index) => [key, measured[index]!])));
  } finally {
    program.destroy();
  }
}

function initialValues<K extends string>({ variables }: Formula<K>): Readonly<Record<K, Dense>> {
  let seed = 1;
  return mapRecord(variables, ({ shape }, key) =>
    key.endsWith('gamma') ? randomDense(shape, seed++, 0.5, 1.5) : randomDense(shape, seed++),
  );
}

/** The gradient times random directions against central differences of the oracle's loss. */
function compareWithOracle<K extends string>(
  name: string,
  loss: (v: Readonly<Record<K, Dense>>) => number,
  values: Readonly<Record<K, Dense>>,
  key: K,
  gradient: Float32Array,
): void {
  for (let seed = 100; seed < 100 + DIRECTIONS; seed++) {
    const direction = randomArray(gradient.length, seed);
    const shifted = (step: number) => {
      const data = values[key].data.map((value, at) => value + step * direction[at]!);
      return loss({ ...values, [key]: { shape: values[key].shape, data } });
    };
    const wanted = (shifted(FINE_STEP) - shifted(-FINE_STEP)) / (2 * FINE_STEP);
    const products = direction.map((value, at) => value * gradient[at]!);
    const terms = products.reduce((sum, product) => sum + Math.abs(product), 0);
    const got = products.reduce((sum, product) => sum + product, 0);
    expectClose([got], [wanted], { name, reduction: 1000, terms });
  }
}

/** The gradient is the way of steepest ascent on the device as well: no oracle in between. */
async function compareOnDevice(
  program: Program,
  loss: SymbolicTensor,
  values: Readonly<Record<string, Dense>>,
  measured: ReadonlyMap<string, Float32Array>,
): Promise<void> {
  const squares = [...measured.values()].flatMap((gradient) => [...gradient].map((value) => value ** 2));
  const norm = Math.sqrt(squares.reduce((sum, square) => sum + square, 0));
  const lossAt = async (step: number): Promise<number> => {
    for (const [key, gradient] of measured) {
      program.write(
        key,
        values[key]!.data.map((value, at) => value + (step * gradient[at]!) / norm),
      );
    }
    program.run();
    return (await program.read(loss))[0]!;
  };
  const slope = ((await lossAt(COARSE_STEP)) - (await lossAt(-COARSE_STEP))) / (2 * COARSE_STEP);
  if (!(Math.abs(slope - norm) <= COARSE_ERROR * norm)) {
    throw new Error(`${loss.name}: the loss rises by ${slope} along the gradient, whose norm is ${norm}`);
  }
}

/** A second run on the same values must give the same bits. */
async function checkReplay(
  program: Program,
  slopes: readonly SymbolicTensor[],
  first: readonly Float32Array[],
): Promise<void> {
  program.run();
  for (const [index, slope] of slopes.entries()) {
    expectSame(await program.read(slope), first[index]!, `${slope.name} in a second run`);
  }
}

function mapRecord<K extends string, A, B>(
  record: Readonly<Record<K, A>>,
  map: (value: A, key: K) => B,
): Record<K, B> {
  const entries = Object.entries<A>(record).map(([key, value]) => [key, map(value, key as K)]);
  return Object.fromEntries(entries) as Record<K, B>;
}

const same = { stride: 1, padding: 1 };
/** TensorFlow's SAME for kernels of 5x5 and 7x7 with stride 2. */
const five = { stride: 2, padding: 1, paddingAfter: 2 };
const seven = { stride: 2, padding: 2, paddingAfter: 3 };

/** Finite differences through whole graphs: odd sizes, channels off the multiples of four. */
export const cases: readonly KernelCase[] = [
  gradientCase('conv2d 3x3, bias and ReLU fused, mid-graph', {
    variables: {
      x: activation(2, 3, 7, 5),
      w1: weight(5, 3, 3, 3),
      b1: activation(1, 5, 1, 1),
      w2: weight(6, 5, 3, 3),
      b2: activation(1, 6, 1, 1),
      w3: weight(1, 6, 3, 3),
      target: activation(2, 1, 7, 5),
    },
    loss(o, v) {
      const before = o.conv2d(v.x, v.w1, { ...same, bias: v.b1, relu: true });
      const middle = o.conv2d(before, v.w2, { ...same, bias: v.b2, relu: true });
      return o.mse(o.conv2d(middle, v.w3, same), v.target);
    },
  }),
  gradientCase('conv2d with stride 2, and 4x4 without padding, mid-graph', {
    variables: {
      x: activation(2, 2, 12, 11),
      w1: weight(3, 2, 3, 3),
      w2: weight(5, 3, 3, 3),
      w3: weight(4, 5, 4, 4),
      w4: weight(2, 4, 1, 1),
      target: activation(2, 2, 3, 3),
    },
    loss(o, v) {
      const before = o.relu(o.conv2d(v.x, v.w1, same));
      const strided = o.conv2d(before, v.w2, { stride: 2, padding: 1, relu: true });
      const valid = o.relu(o.conv2d(strided, v.w3, { stride: 1, padding: 0 }));
      return o.mse(o.conv2d(valid, v.w4, { stride: 1, padding: 0 }), v.target);
    },
  }),
  gradientCase('convTranspose2d 4x4 stride 2, bias and ReLU fused, mid-graph', {
    variables: {
      x: activation(2, 3, 3, 5),
      w1: weight(6, 3, 3, 3),
      w2: weight(6, 5, 4, 4),
      b2: activation(1, 5, 1, 1),
      w3: weight(2, 5, 3, 3),
      target: activation(2, 2, 6, 10),
    },
    loss(o, v) {
      const before = o.conv2d(v.x, v.w1, { ...same, relu: true });
      const middle = o.convTranspose2d(before, v.w2, { stride: 2, padding: 1, bias: v.b2, relu: true });
      return o.mse(o.conv2d(middle, v.w3, same), v.target);
    },
  }),
  gradientCase('balanceKernel on the weights of a transposed convolution, mid-graph', {
    variables: {
      x: activation(2, 3, 3, 5),
      w1: weight(6, 3, 3, 3),
      w2: weight(6, 5, 4, 4),
      b2: activation(1, 5, 1, 1),
      w3: weight(2, 5, 3, 3),
      target: activation(2, 2, 6, 10),
    },
    loss(o, v) {
      const before = o.conv2d(v.x, v.w1, { ...same, relu: true });
      const middle = o.convTranspose2d(before, o.balanceKernel(v.w2), {
        stride: 2,
        padding: 1,
        bias: v.b2,
        relu: true,
      });
      return o.mse(o.conv2d(middle, v.w3, same), v.target);
    },
  }),
  gradientCase('convTranspose2d 3x3 stride 3 without padding, mid-graph', {
    variables: {
      x: activation(1, 2, 3, 2),
      w1: weight(3, 2, 3, 3),
      w2: weight(3, 1, 3, 3),
      w3: weight(3, 1, 3, 3),
      target: activation(1, 3, 9, 6),
    },
    loss(o, v) {
      const before = o.relu(o.conv2d(v.x, v.w1, same));
      const middle = o.convTranspose2d(before, v.w2, { stride: 3, padding: 0 });
      return o.mse(o.conv2d(o.relu(middle), v.w3, same), v.target);
    },
  }),
  gradientCase('batchNorm mid-graph', {
    variables: {
      x: activation(3, 2, 5, 3),
      w1: weight(5, 2, 3, 3),
      'bn.gamma': activation(1, 5, 1, 1),
      'bn.beta': activation(1, 5, 1, 1),
      w2: weight(3, 5, 3, 3),
      target: activation(3, 3, 5, 3),
    },
    loss(o, v) {
      const middle = o.batchNorm(o.conv2d(v.x, v.w1, same), v['bn.gamma'], v['bn.beta'], {});
      return o.mse(o.conv2d(o.relu(middle), v.w2, same), v.target);
    },
  }),
  gradientCase('batchNorm with ReLU fused, mid-graph', {
    variables: {
      x: activation(3, 2, 5, 3),
      w1: weight(6, 2, 3, 3),
      'bn.gamma': activation(1, 6, 1, 1),
      'bn.beta': activation(1, 6, 1, 1),
      w2: weight(3, 6, 3, 3),
      target: activation(3, 3, 5, 3),
    },
    loss(o, v) {
      const middle = o.batchNorm(o.conv2d(v.x, v.w1, same), v['bn.gamma'], v['bn.beta'], { relu: true });
      return o.mse(o.conv2d(middle, v.w2, same), v.target);
    },
  }),
  gradientCase('batchNorm of one value per image, mid-graph', {
    variables: {
      x: activation(4, 3, 2, 2),
      w1: weight(5, 3, 2, 2),
      'bn.gamma': activation(1, 5, 1, 1),
      'bn.beta': activation(1, 5, 1, 1),
      target: activation(4, 5, 3, 2),
    },
    loss(o, v) {
      const vector = o.conv2d(v.x, v.w1, { stride: 1, padding: 0 });
      const middle = o.batchNorm(vector, v['bn.gamma'], v['bn.beta'], { relu: true });
      return o.mse(o.replicate(middle, { height: 3, width: 2 }), v.target);
    },
  }),
  gradientCase('maxPool2x2 of odd sides, mid-graph', {
    variables: {
      x: activation(2, 2, 7, 5),
      w1: weight(5, 2, 3, 3),
      w2: weight(2, 5, 3, 3),
      target: activation(2, 2, 3, 2),
    },
    loss(o, v) {
      const middle = o.maxPool2x2(o.conv2d(v.x, v.w1, { ...same, relu: true }));
      return o.mse(o.conv2d(middle, v.w2, same), v.target);
    },
  }),
  gradientCase('concat off the blocks of four, mid-graph', {
    variables: {
      x: activation(2, 3, 5, 3),
      w1: weight(5, 3, 3, 3),
      w2: weight(6, 3, 3, 3),
      w3: weight(2, 11, 3, 3),
      target: activation(2, 2, 5, 3),
    },
    loss(o, v) {
      const a = o.relu(o.conv2d(v.x, v.w1, same));
      const b = o.relu(o.conv2d(v.x, v.w2, same));
      return o.mse(o.conv2d(o.relu(o.concat(a, b)), v.w3, same), v.target);
    },
  }),
  gradientCase('resizeBilinear down and up, mid-graph', {
    variables: {
      x: activation(2, 2, 7, 9),
      w1: weight(3, 2, 3, 3),
      w2: weight(5, 3, 3, 3),
      w3: weight(2, 5, 3, 3),
      target: activation(2, 2, 11, 6),
    },
    loss(o, v) {
      const before = o.relu(o.conv2d(v.x, v.w1, same));
      const small = o.conv2d(o.resizeBilinear(before, { height: 4, width: 5 }), v.w2, {
        ...same,
        relu: true,
      });
      const large = o.resizeBilinear(small, { height: 11, width: 6 });
      return o.mse(o.conv2d(large, v.w3, same), v.target);
    },
  }),
  gradientCase('add and mse with both sides computed', {
    variables: {
      x: activation(2, 3, 5, 4),
      w1: weight(5, 3, 3, 3),
      w2: weight(5, 3, 3, 3),
      w3: weight(5, 3, 1, 1),
    },
    loss(o, v) {
      const sum = o.add(o.relu(o.conv2d(v.x, v.w1, same)), o.conv2d(v.x, v.w2, same));
      return o.mse(o.relu(sum), o.conv2d(v.x, v.w3, { stride: 1, padding: 0 }));
    },
  }),
  gradientCase('a tensor used four times and a weight used twice', {
    variables: {
      x: activation(1, 3, 4, 5),
      w: weight(3, 3, 3, 3),
      wOut: weight(1, 6, 3, 3),
      target: activation(1, 1, 4, 5),
    },
    loss(o, v) {
      const once = o.relu(o.conv2d(v.x, v.w, same));
      const twice = o.relu(o.conv2d(once, v.w, same));
      const sum = o.add(o.add(once, once), twice);
      return o.mse(o.conv2d(o.concat(sum, once), v.wOut, same), v.target);
    },
  }),
  gradientCase('strided 5x5 and 7x7 with more padding behind, ELU, shift-only norm, sum and product, mae', {
    variables: {
      x: activation(2, 3, 8, 12),
      w1: weight(5, 3, 7, 7),
      'n1.shift': activation(1, 5, 1, 1),
      w2: weight(6, 5, 5, 5),
      w3: weight(6, 5, 5, 5),
      'n3.shift': activation(1, 5, 1, 1),
      w4: weight(5, 3, 7, 7),
      target: activation(2, 3, 8, 12),
    },
    loss(o, v) {
      const skip = o.elu(o.shiftNorm(o.conv2d(v.x, v.w1, seven), v['n1.shift']));
      const deep = o.elu(o.conv2d(skip, v.w2, five));
      const up = o.elu(o.shiftNorm(o.convTranspose2d(deep, v.w3, five), v['n3.shift']));
      return o.mae(o.elu(o.convTranspose2d(o.sumProduct(up, skip), v.w4, seven)), v.target);
    },
  }),
  gradientCase('logarithm, blend with a photo, and power, mid-graph', {
    variables: {
      x: activation(2, 3, 5, 4),
      w1: weight(3, 3, 3, 3),
      w2: weight(5, 3, 3, 3),
      w3: weight(3, 5, 3, 3),
      target: activation(2, 3, 5, 4),
    },
    loss(o, v) {
      const skip = o.log(o.conv2d(v.x, v.w1, same), { scale: 0.5, offset: 0.1, square: true });
      const light = o.hdrBlend(randomDense([2, 3, 5, 4], 'photo', 0.3, 1), skip);
      const logarithm = o.log(light, { scale: 1, offset: 0.1, square: false });
      const output = o.conv2d(o.elu(o.conv2d(logarithm, v.w2, same)), v.w3, same);
      return o.mse(o.add(output, o.power(light, { exponent: 1 / 2.2, factor: 0.5 })), v.target);
    },
  }),
  gradientCase('bilateral slice, mid-graph', {
    variables: {
      view: activation(2, 3, 6, 4),
      photo: activation(2, 3, 11, 7),
      wGrid: weight(48, 3, 3, 3),
      wGuide: weight(1, 3, 1, 1),
      wColour: weight(3, 3, 3, 3),
      wOut: weight(2, 3, 3, 3),
      target: activation(2, 2, 11, 7),
    },
    loss(o, v) {
      const grid = o.conv2d(v.view, v.wGrid, { stride: 2, padding: 1 });
      const guide = o.conv2d(v.photo, v.wGuide, { stride: 1, padding: 0 });
      const colours = o.conv2d(v.photo, v.wColour, { ...same, relu: true });
      return o.mse(o.conv2d(o.relu(o.bilateralSlice(grid, guide, colours)), v.wOut, same), v.target);
    },
  }),
  gradientCase('a small network with skip and global feature', {
    variables: {
      x: activation(2, 3, 6, 4),
      wLocal: weight(4, 3, 3, 3),
      'local.gamma': activation(1, 4, 1, 1),
      'local.beta': activation(1, 4, 1, 1),
      wDeep: weight(5, 4, 3, 3),
      wGlobal: weight(3, 3, 4, 4),
      wUp: weight(8, 4, 4, 4),
      wOut: weight(3, 8, 3, 3),
      bOut: activation(1, 3, 1, 1),
      target: activation(2, 3, 6, 4),
    },
    loss(o, v) {
      const convolved = o.conv2d(v.x, v.wLocal, same);
      const skip = o.batchNorm(convolved, v['local.gamma'], v['local.beta'], { relu: true });
      const deep = o.conv2d(o.maxPool2x2(skip), v.wDeep, { ...same, relu: true });
      const image = o.resizeBilinear(v.x, { height: 4, width: 4 });
      const feature = o.conv2d(image, v.wGlobal, { stride: 1, padding: 0 });
      const joined = o.concat(deep, o.replicate(feature, { height: 3, width: 2 }));
      const up = o.convTranspose2d(joined, v.wUp, { stride: 2, padding: 1, relu: true });
      const output = o.conv2d(o.concat(skip, up), v.wOut, { ...same, bias: v.bOut });
      return o.mse(output, v.target);
    },
  }),
];
