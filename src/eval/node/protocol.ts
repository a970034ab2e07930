import type { CompareTask, MethodResults } from '../compare';
import type { QualityModels } from '../metrics/measure';

/** What a worker thread knows from its start on. */
export interface WorkerSetup {
  readonly models: QualityModels;
  /** Longest side of the pictures that come back; none come back without it. */
  readonly pictureSide?: number | undefined;
}

export interface Compared {
  readonly results: MethodResults;
  /** Data URIs by method. */
  readonly pictures: Readonly<Record<string, string>>;
  /** The same of one smooth place, with contrast exaggerated. */
  readonly closeUps: Readonly<Record<string, string>>;
  /** The same of the place where a model without a global encoder is least even; empty without such a one. */
  readonly blocks: Readonly<Record<string, string>>;
}

/** A task, and where every method's picture goes, if anywhere: FOLDER/METHOD/NAME. */
export interface ToWorker extends CompareTask {
  readonly save?: { readonly folder: string; readonly name: string };
}
export type FromWorker = { readonly done: Compared } | { readonly failed: string };
