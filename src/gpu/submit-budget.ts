import type { Gpu } from './types';

/** Operations of a submit before anything is known of the device: 20 ms at 0.1 TFLOP/s. */
const FIRST = 2e9;
/** However quick the device: beyond it nothing is to be gained, and a wrong clock does no harm. */
const MOST = 8e9;
const LEAST = 5e7;

/** How long a submit should take, in milliseconds: less than anyone sees, far less than the 2 s of a watchdog. */
const AIM_MS = 30;

/** Most by which one measurement changes the budget. */
const STEP = 2;

/**
 * How much work a submit may hold, in floating-point operations. Windows resets a GPU that is busy with one for 2 s,
 * browsers end theirs on a hang, and nothing else is drawn meanwhile. The times of the submits correct it.
 */
export class SubmitBudget {
  static readonly #ofDevice = new WeakMap<GPUDevice, SubmitBudget>();
  #flops = FIRST;
  #most = MOST;

  /** The one budget of the device. */
  static of({ device }: Gpu): SubmitBudget {
    const known = SubmitBudget.#ofDevice.get(device);
    const budget = known ?? new SubmitBudget();
    if (!known) SubmitBudget.#ofDevice.set(device, budget);
    return budget;
  }

  get flops(): number {
    return this.#flops;
  }

  /** Takes in how long a submit of so many operations took. */
  learn(flops: number, ms: number): void {
    // Of a small one the time is that of its way there and back.
    if (flops < this.#flops / 4) return;
    const wanted = (flops * AIM_MS) / Math.max(ms, 0.1);
    const near = Math.min(Math.max(wanted, this.#flops / STEP), this.#flops * STEP);
    this.#flops = Math.min(Math.max(near, LEAST), this.#most);
  }

  /** For a device whose predecessor was lost: by this factor less, now and at most. */
  shrink(factor: number): void {
    this.#most = Math.max(FIRST / factor, LEAST);
    this.#flops = Math.min(this.#flops, this.#most);
  }
}

/**
 * The end of the submit that begins with step `start`: as many calls as the budget holds, but at least one.
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
