import type { CompareTask, MethodResults } from '../compare';
import type { QualityModels } from '../metrics/measure';

/** Data for a worker thread from its start. */
export interface WorkerSetup {
  readonly models: QualityModels;
  /** Longest side of the returned pictures. Absent: none are returned. */
  readonly pictureSide?: number | undefined;
}

export interface Compared {
  readonly results: MethodResults;
  /** Data URIs by method. */
  readonly pictures: Readonly<Record<string, string>>;
  /** The same for a smooth place with exaggerated contrast. */
  readonly closeUps: Readonly<Record<string, string>>;
  /** The same for the least even place of a model without a global encoder; empty if there is no such model. */
  readonly blocks: Readonly<Record<string, string>>;
}

/** A task, and the destination of the pictures, if any: FOLDER/METHOD/NAME. */
export interface ToWorker extends CompareTask {
  readonly save?: { readonly folder: string; readonly name: string };
}
export type FromWorker = { readonly done: Compared } | { readonly failed: string };
