/** Hears how a measurement of many pictures goes. */
export interface EvaluationListener {
  say(line: string): void;
  /** So many pictures are done. */
  onProgress(done: number, total: number): void;
}
