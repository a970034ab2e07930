/** Before this much is done, nobody can tell. */
const SURE_SECONDS = 1;
const SURE_FRACTION = 0.02;

/** Tells from the pace so far how long a task still takes. */
export class TimeLeft {
  readonly #start: number;

  /** @param now in milliseconds, of the clock that `seconds` is asked by. */
  constructor(now: number) {
    this.#start = now;
  }

  /** Seconds left when `fraction` (0..1) is done; null while too little is. */
  seconds(fraction: number, now: number): number | null {
    const elapsed = (now - this.#start) / 1000;
    if (elapsed < SURE_SECONDS || fraction < SURE_FRACTION) return null;
    return (elapsed * (1 - fraction)) / fraction;
  }
}
