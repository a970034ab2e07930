import type { Gpu } from './types';

/** Operations per submit before anything is known about the device: 20 ms at 0.1 TFLOP/s. */
const FIRST = 2e9;
/** The upper limit on any device: larger submits gain nothing, and a wrong clock does no harm. */
const MOST = 8e9;
const LEAST = 5e7;

/** Desired duration of a submit in milliseconds: too short to notice, and far below a watchdog's 2 s. */
const AIM_MS = 30;

/** The most by which one measurement changes the budget. */
const STEP = 2;

/**
 * Limits the floating-point operations in one submit. Windows resets a GPU that is busy with one for 2 s, browsers
 * kill a hanging GPU process, and nothing else is drawn meanwhile. The measured times of submits adapt the limit.
 */
export class SubmitBudget {
  static readonly #ofDevice = new WeakMap<GPUDevice, SubmitBudget>();
  #flops = FIRST;
  #most = MOST;

  /** The device's only budget. */
  static of({ device }: Gpu): SubmitBudget {
    const known = SubmitBudget.#ofDevice.get(device);
    const budget = known ?? new SubmitBudget();
    if (!known) SubmitBudget.#ofDevice.set(device, budget);
    return budget;
  }

  get flops(): number {
    return this.#flops;
  }

  /** Adapts the budget to the time that a submit took. */
  learn(flops: number, ms: number): void {
    // The time of a small submit is mostly its round trip.
    if (flops < this.#flops / 4) return;
    const wanted = (flops * AIM_MS) / Math.max(ms, 0.1);
    const near = Math.min(Math.max(wanted, this.#flops / STEP), this.#flops * STEP);
    this.#flops = Math.min(Math.max(near, LEAST), this.#most);
  }

  /** Divides the budget and its upper limit, after the previous device was lost. */
  shrink(factor: number): void {
    this.#most = Math.max(FIRST / factor, LEAST);
    this.#flops = Math.min(this.#flops, this.#most);
  }
}

/**
 * The end of the submit that starts with step `start`: as many calls as the budget allows, but at least one.
 *
 * @param steps in order; `end`: how many of them are to run.
 */
export function submitEnd(
  steps: readonly { readonly call: { readonly flops: number } }[],
  start: number,
  end: number,
  budget: number,
): number {
  let sum = 0;
  for (let at = start; at < end; at++) {
    sum += steps[at]!.call.flops;
    if (sum > budget && at > start) return at;
  }
  return end;
}
