import type { SymbolicTensor } from '../../src/graph/graph';
import { moduleName } from '../../src/graph/names';
import * as symbolic from '../../src/graph/operators';
import type { ElementwiseName } from '../../src/kernels/elementwise/table';
import * as reference from '../reference';
import { type Dense, dense } from '../reference';

interface ConvAttributes<T> {
  readonly stride: number;
  readonly padding: number;
  readonly paddingAfter?: number;
  readonly bias?: T;
  readonly relu?: boolean;
}

interface Size {
  readonly height: number;
  readonly width: number;
}

export interface CustomOperator {
  graph(...inputs: readonly SymbolicTensor[]): SymbolicTensor;
  oracle(...inputs: readonly Dense[]): Dense;
}

/**
 * The operators of the graph over any kind of tensor, so that one formula runs both on the device and in the oracle.
 */
export interface Operators<T> {
  conv2d(x: T, w: T, attributes: ConvAttributes<T>): T;
  convTranspose2d(x: T, w: T, attributes: ConvAttributes<T>): T;
  /** Training mode. */
  batchNorm(x: T, gamma: T, beta: T, attributes: { readonly relu?: boolean }): T;
  /** By the statistics of the batch, without a gain. */
  shiftNorm(x: T, shift: T): T;
  relu(x: T): T;
  elu(x: T): T;
  add(a: T, b: T): T;
  sumProduct(a: T, b: T): T;
  power(x: T, attributes: { readonly exponent: number; readonly factor: number }): T;
  log(x: T, attributes: { readonly scale: number; readonly offset: number }): T;
  logSquare(x: T, attributes: { readonly scale: number; readonly offset: number }): T;
  /** The photo is no variable: it gets no gradient. */
  hdrBlend(photo: Dense, y: T): T;
  /** A row of the table; dense inputs are no variables. */
  elementwise(name: ElementwiseName, inputs: readonly (T | Dense)[], attributes: Attributes): T;
  /** An operator without an entry here: its node, and its formula in float64. */
  apply(operator: CustomOperator, ...inputs: readonly T[]): T;
  balanceKernel(w: T): T;
  bilateralSlice(grid: T, guide: T, x: T): T;
  maxPool2x2(x: T): T;
  concat(a: T, b: T): T;
  replicate(x: T, size: Size): T;
  resizeBilinear(x: T, size: Size): T;
  mse(x: T, target: T): T;
  mae(x: T, target: T): T;
}

type Attributes = Readonly<Record<string, number>>;

const EPS = 1e-5;
/** Half of the photo and half of the prediction count. */
const BLEND = { threshold: 0.5, offset: 0.2 };

/** Adds nodes to the graph of the tensors. */
export const graphOperators: Operators<SymbolicTensor> = {
  ...symbolic,
  shiftNorm: (x, shift) => symbolic.shiftNorm(x, shift, { eps: EPS }),
  apply: (operator, ...inputs) => operator.graph(...inputs),
  hdrBlend: (photo, y) => graphOperators.elementwise('hdrBlend', [photo, y], BLEND),
  elementwise(name, inputs, attributes) {
    const { graph } = inputs.find((input): input is SymbolicTensor => 'graph' in input)!;
    const tensors = inputs.map((input, index) =>
      'graph' in input ? input : graph.variable(`${name}.${index}`, input.shape, 'activation', input.data),
    );
    const operator = symbolic.elementwiseOperators[name] as (...given: readonly unknown[]) => SymbolicTensor;
    return operator(...tensors, attributes);
  },
  batchNorm(x, gamma, beta, { relu = false }) {
    const vector = (name: string) => gamma.graph.variable(`${moduleName(gamma)}.${name}`, gamma.shape);
    const [runningMean, runningVariance] = [vector('running_mean'), vector('running_var')];
    return symbolic.batchNorm(
      x,
      { gamma, beta, runningMean, runningVariance },
      { mode: 'training', eps: EPS, momentum: 0.1, relu },
    );
  },
};

const activated = (y: Dense, relu = false): Dense => (relu ? reference.relu(y) : y);

/** Computes in float64. */
export const oracleOperators: Operators<Dense> = {
  apply: (operator, ...inputs) => operator.oracle(...inputs),
  balanceKernel: reference.balanceKernel,
  bilateralSlice: reference.bilateralSlice,
  conv2d: (x, w, { bias, relu, ...lattice }) => activated(reference.conv2d(x, w, bias, lattice), relu),
  convTranspose2d: (x, w, { bias, relu, ...lattice }) =>
    activated(reference.convTranspose2d(x, w, bias, lattice), relu),
  batchNorm(x, gamma, beta, { relu }) {
    const running = { runningMean: gamma, runningVariance: gamma };
    return activated(
      reference.batchNormTraining(x, { gamma, beta, ...running }, { eps: EPS, momentum: 0.1 }).y,
      relu,
    );
  },
  shiftNorm(x, shift) {
    const gamma = reference.channelVector(shift.data.map(() => 1));
    const state = { gamma, beta: shift, runningMean: shift, runningVariance: shift };
    return reference.batchNormTraining(x, state, { eps: EPS, momentum: 0.1 }).y;
  },
  relu: reference.relu,
  elu: reference.elu,
  sumProduct: reference.sumProduct,
  power: reference.power,
  log: reference.log,
  logSquare: reference.logSquare,
  hdrBlend: (photo, y) => reference.hdrBlend(photo, y, BLEND),
  elementwise: reference.elementwise,
  mae: (x, target) => dense([1, 1, 1, 1], [reference.mae(x, target)]),
  maxPool2x2: reference.maxPool,
  concat: reference.concat,
  replicate: (x, { height, width }) => reference.replicate(x, height, width),
  resizeBilinear: (x, { height, width }) => reference.resizeBilinear(x, height, width),
  add: reference.add,
  mse: (x, target) => dense([1, 1, 1, 1], [reference.mse(x, target)]),
};
