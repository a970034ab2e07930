import type { Dense } from '../reference/dense';

const dot = (a: Dense, b: Dense): number => a.data.reduce((sum, value, at) => sum + value * b.data[at]!, 0);

/** Gradient of sum(dy * f(x)) with respect to x by central differences, in float64. */
export function numericalGradient(f: (x: Dense) => Dense, x: Dense, dy: Dense, step = 1e-5): Dense {
  const shifted = (at: number, by: number): Dense => ({
    shape: x.shape,
    data: x.data.map((value, i) => (i === at ? value + by : value)),
  });
  return {
    shape: x.shape,
    data: x.data.map(
      (_, at) => (dot(f(shifted(at, step)), dy) - dot(f(shifted(at, -step)), dy)) / (2 * step),
    ),
  };
}
