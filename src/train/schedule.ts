import { InputError } from '../errors';
import { adamSchedule } from '../graph/operators/adam';

/** Adam's constants: the defaults of Kingma and Ba 2015. */
export const ADAM = { beta1: 0.9, beta2: 0.999, eps: 1e-8 } as const;

/** The learning rate over a run: a linear warm-up, then half a cosine down to zero. */
export interface Schedule {
  /** The highest rate, reached when the warm-up ends. */
  readonly rate: number;
  /** Steps of linear warm-up; 0 for none. */
  readonly warmup: number;
  /** Steps of the whole run, warm-up included. */
  readonly steps: number;
  /**
   * The schedule of the run before it was extended, which its own steps follow. The steps after them warm up and fall
   * again (a warm restart: I. Loshchilov and F. Hutter, SGDR, ICLR 2017).
   */
  readonly earlier?: Schedule;
}

/**
 * The rate of step `step` (0 is the first), computed in float64: rate * (step + 1) / warmup during warm-up, then
 * rate * (1 + cos(pi * progress)) / 2 with progress in [0, 1), both counted from the end of the earlier schedule. Steps
 * past the end are refused, since their rate would be zero or rise again.
 */
export function learningRate(schedule: Schedule, step: number): number {
  const { rate, warmup, steps, earlier } = schedule;
  if (!Number.isInteger(step) || step < 0 || step >= steps) {
    throw new InputError(
      `Step ${step} lies outside the run of ${steps} steps; its learning rate is not defined.`,
    );
  }
  if (earlier && step < earlier.steps) return learningRate(earlier, step);
  const first = earlier?.steps ?? 0;
  if (step < first + warmup) return (rate * (step - first + 1)) / warmup;
  const start = first + warmup;
  return (rate * (1 + Math.cos((Math.PI * (step - start)) / (steps - start)))) / 2;
}

/** Adam's schedule input for step `step` (0 is the first): see `adamSchedule`. Computed in float64, rounded once. */
export function stepSchedule(schedule: Schedule, step: number): Float32Array<ArrayBuffer> {
  return new Float32Array(adamSchedule(learningRate(schedule, step), step + 1, ADAM));
}
