/** Receives the progress of a long evaluation. */
export interface EvaluationListener {
  onNotice(line: string): void;
  /** Reports the number of finished pictures. */
  onProgress(done: number, total: number): void;
}
