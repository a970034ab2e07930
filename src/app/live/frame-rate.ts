const WINDOW_MS = 1000;

/** Frames per second, over the last second. */
export class FrameRate {
  #times: number[] = [];
  #total = 0;

  /** Frames since the last reset. */
  get total(): number {
    return this.#total;
  }

  /** @returns frames in the second up to now, this one among them. */
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
