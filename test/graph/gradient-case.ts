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

export const activation = (...shape: Shape): Place => ({ shape, layout: 'activation' });
export const weight = (...shape: Shape): Place => ({ shape, layout: 'weight' });

/** A loss as a formula of variables: each operator is between other, non-linear ones. */
export interface Formula<K extends string> {
  readonly variables: Readonly<Record<K, Place>>;
  /** Where the values of a variable lie. Default: from -1 to 1. */
  readonly ranges?: Readonly<Partial<Record<K, readonly [low: number, high: number]>>>;
  loss<T>(o: Operators<T>, v: Readonly<Record<K, T>>): T;
}

/** Random directions along which derivatives are compared, per variable. */
const DIRECTIONS = 2;
/** Step of the central differences in float64. */
const FINE_STEP = 1e-6;
/** Step of those on the device, along the gradient, in units of the variables. */
const COARSE_STEP = 2e-3;
/** Error of the coarse step in f32: curvature, and crossed kinks of ReLU and pooling. */
const COARSE_ERROR = 0.03;

export function gradientCase<K extends string>(name: string, formula: Formula<K>): KernelCase {
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
  const results = gradients(
    loss,
    keys.map((key) => variables[key]),
  );
  const program = await Program.compile(gpu, graph, { fetch: [loss, ...results] });
  try {
    program.run();
    const measured = await Promise.all(results.map((result) => program.read(result)));
    const [lossValue] = await program.read(loss);
    const oracleLoss = (v: Readonly<Record<K, Dense>>) => formula.loss(oracleOperators, v).data[0]!;
    expectClose([lossValue!], [oracleLoss(values)], { name: `${name}: loss`, reduction: 1000 });
    keys.forEach((key, index) => {
      compareWithOracle(`${name}: ${key}`, oracleLoss, values, key, measured[index]!);
    });
    await checkReplay(program, results, measured);
    await compareOnDevice(program, loss, values, new Map(keys.map((key, index) => [key, measured[index]!])));
  } finally {
    program.destroy();
  }
}

function initialValues<K extends string>({ variables, ranges }: Formula<K>): Readonly<Record<K, Dense>> {
  let seed = 1;
  return mapRecord(variables, ({ shape }, key) => randomDense(shape, seed++, ...(ranges?.[key] ?? [-1, 1])));
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

/** Checks on the device itself, without an oracle, that the gradient is the direction of steepest ascent. */
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
  results: readonly SymbolicTensor[],
  first: readonly Float32Array[],
): Promise<void> {
  program.run();
  for (const [index, result] of results.entries()) {
    expectSame(await program.read(result), first[index]!, `${result.name} in a second run`);
  }
}

function mapRecord<K extends string, A, B>(
  record: Readonly<Record<K, A>>,
  map: (value: A, key: K) => B,
): Record<K, B> {
  const entries = Object.entries<A>(record).map(([key, value]) => [key, map(value, key as K)]);
  return Object.fromEntries(entries) as Record<K, B>;
}
