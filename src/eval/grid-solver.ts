import { GlocalError } from '../errors';
import type { Plane } from './image';

/**
 * A symmetric system on the pixels of a grid: each equation is
 * `x + sum over the 4 neighbours of coupling * (x - neighbour) = right-hand side`.
 */
export interface GridSystem {
  /** Coupling of each pixel to its right neighbour, >= 0; 0 in the last column. */
  readonly right: Plane;
  /** Coupling of each pixel to the one below, >= 0; 0 in the last row. */
  readonly below: Plane;
}

const MAX_ITERATIONS = 5000;

/**
 * Solves a grid system by conjugate gradients with the modified incomplete Cholesky preconditioner on five points (I.
 * Gustafsson, BIT 18, 1978), which exists because every row outweighs its couplings. No eigenvalue is below 1, so the
 * error of the solution is at most the residual. Written here because the five-point form needs no general sparse
 * matrices, and the npm packages for those are unmaintained.
 *
 * @param tolerance of the residual, relative to the right-hand side.
 */
export function solveGrid(system: GridSystem, rightHandSide: Plane, tolerance: number): Plane {
  const { width, height, data: b } = rightHandSide;
  const precondition = preconditioner(system);
  const x = b.slice();
  const residual = new Float64Array(b.length);
  multiply(system, x, residual);
  for (let i = 0; i < b.length; i++) residual[i] = (b[i] as number) - (residual[i] as number);
  const goal = tolerance * Math.sqrt(dot(b, b));
  const z = new Float64Array(b.length);
  const product = new Float64Array(b.length);
  precondition(residual, z);
  const direction = z.slice();
  let energy = dot(residual, z);
  for (let iteration = 0; Math.sqrt(dot(residual, residual)) > goal; iteration++) {
    if (iteration === MAX_ITERATIONS) {
      throw new GlocalError(
        `solveGrid: no solution to ${tolerance} after ${MAX_ITERATIONS} steps on ${width} x ${height} pixels`,
      );
    }
    multiply(system, direction, product);
    const step = energy / dot(direction, product);
    addScaled(x, step, direction);
    addScaled(residual, -step, product);
    precondition(residual, z);
    const nextEnergy = dot(residual, z);
    const keep = nextEnergy / energy;
    energy = nextEnergy;
    for (let i = 0; i < x.length; i++) direction[i] = (z[i] as number) + keep * (direction[i] as number);
  }
  return { width, height, data: x };
}

/** to = matrix * from. */
function multiply({ right, below }: GridSystem, from: Float64Array, to: Float64Array): void {
  const { width } = right;
  to.set(from);
  for (let i = 0; i < from.length; i++) {
    const value = from[i] as number;
    const across = right.data[i] as number;
    if (across !== 0) {
      const flow = across * (value - (from[i + 1] as number));
      to[i] = (to[i] as number) + flow;
      to[i + 1] = (to[i + 1] as number) - flow;
    }
    const down = below.data[i] as number;
    if (down !== 0) {
      const flow = down * (value - (from[i + width] as number));
      to[i] = (to[i] as number) + flow;
      to[i + width] = (to[i + width] as number) - flow;
    }
  }
}

/** Solves with the incomplete factors (D + L) D^-1 (D + L^T), where L holds the couplings. */
function preconditioner(system: GridSystem): (from: Float64Array, to: Float64Array) => void {
  const { width } = system.right;
  const right = system.right.data;
  const below = system.below.data;
  const pivots = incompletePivots(system);
  return (from, to) => {
    for (let i = 0; i < from.length; i++) {
      let sum = from[i] as number;
      if (i >= 1) sum += (right[i - 1] as number) * (to[i - 1] as number);
      if (i >= width) sum += (below[i - width] as number) * (to[i - width] as number);
      to[i] = sum / (pivots[i] as number);
    }
    for (let i = from.length - 1; i >= 0; i--) {
      let sum = 0;
      if (i + 1 < from.length) sum += (right[i] as number) * (to[i + 1] as number);
      if (i + width < from.length) sum += (below[i] as number) * (to[i + width] as number);
      to[i] = (to[i] as number) + sum / (pivots[i] as number);
    }
  };
}

function incompletePivots({
  right: { width, data: right },
  below: { data: below },
}: GridSystem): Float64Array {
  const pivots = new Float64Array(right.length);
  for (let i = 0; i < pivots.length; i++) {
    let pivot = 1 + (right[i] as number) + (below[i] as number);
    if (i >= 1) pivot += eliminated(i - 1, right, below);
    if (i >= width) pivot += eliminated(i - width, below, right);
    pivots[i] = pivot;
  }
  return pivots;

  /** The change of the diagonal when neighbour j, coupled by `towards`, is eliminated, including its own coupling. */
  function eliminated(j: number, towards: Float64Array, aside: Float64Array): number {
    const coupling = towards[j] as number;
    return coupling - (coupling * (coupling + (aside[j] as number))) / (pivots[j] as number);
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

/** a += scale * b. */
function addScaled(a: Float64Array, scale: number, b: Float64Array): void {
  for (let i = 0; i < a.length; i++) a[i] = (a[i] as number) + scale * (b[i] as number);
}
