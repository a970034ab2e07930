/** Before this time an estimate is too uncertain. */
const SURE_SECONDS = 1;
const SURE_FRACTION = 0.02;

/** Estimates the remaining time of a task from its progress. */
export class TimeLeft {
  readonly #start: number;

  /** @param now in milliseconds, on the same clock as for `seconds`. */
  constructor(now: number) {
    this.#start = now;
  }

  /** Remaining seconds when `fraction` (0..1) is done; null while too little is. */
  seconds(fraction: number, now: number): number | null {
    const elapsed = (now - this.#start) / 1000;
    if (elapsed < SURE_SECONDS || fraction < SURE_FRACTION) return null;
    return (elapsed * (1 - fraction)) / fraction;
  }
}
