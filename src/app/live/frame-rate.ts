const WINDOW_MS = 1000;

/** Frames in the last second. */
export class FrameRate {
  #times: number[] = [];
  #total = 0;

  /** Frames since the last reset. */
  get total(): number {
    return this.#total;
  }

  /** @returns the number of frames in the second up to now, including this one. */
  count(now: number): number {
    this.#total++;
    this.#times = [...this.#times.filter((time) => time > now - WINDOW_MS), now];
    return this.#times.length;
  }

  reset(): void {
    this.#times = [];
    this.#total = 0;
  }
}
