import type { ModelName } from './models';
import type { ZipEntry } from './zip';

/**
 * The messages between the page and its worker. Every request carries a number chosen by the page; the worker answers
 * with any number of `progress` replies and exactly one `done` or `failed`.
 *
 * Photos travel as `Blob`s (handles, not copies), so that neither side has to keep the pixels of all photos in
 * memory: the browser may move large blobs to disk.
 */

/** Why a photo, or the whole page, cannot continue. The texts are in `text/`. */
export type ProblemKind =
  | 'not-an-image'
  | 'undecodable'
  | 'truncated'
  | 'folder'
  | 'heic'
  | 'raw'
  | 'tiff'
  | 'too-large'
  | 'bomb'
  | 'unreadable'
  | 'no-room'
  | 'device-lost'
  | 'out-of-memory'
  | 'no-webgpu'
  | 'insecure'
  | 'no-adapter'
  | 'weights'
  | 'own-weights'
  | 'not-allowed'
  | 'crashed'
  | 'cancelled'
  | 'internal';

export interface Problem {
  readonly kind: ProblemKind;
  /** The original error message, shown below the explanation. */
  readonly detail?: string;
}

/** Description of the adapter for the user. */
export interface AdapterSummary {
  /** Short name: `Apple M2`, `SwiftShader`; empty if the browser discloses none. */
  readonly name: string;
  /** Everything the browser discloses. */
  readonly detail: string;
  readonly isSoftware: boolean;
  /** The family of kernels that was measured to be fastest here, and when; null or absent: the built-in choice. */
  readonly tuned?: { readonly first: string; readonly date: string } | null;
}

/** A picture ready to be drawn at any zoom. `preview` is at most `PREVIEW_SIDE` pixels on its longer side. */
export interface Picture {
  readonly full: ImageBitmap;
  readonly preview: ImageBitmap;
}

/** A note about a photo: a text of the page, or a phrase from the file reader. */
export type Note = { readonly key: 'note.hdr' | 'note.deep'; readonly detail: string } | string;

/** An enhanced photo at full strength. */
export interface Enhanced {
  /** Different for each enhancement, also across workers. */
  readonly id: string;
  readonly width: number;
  readonly height: number;
  /** RGBA, 8 bit, row-major, alpha not premultiplied. */
  readonly pixels: Blob;
  readonly colorSpace: PredefinedColorSpace;
  /** Losses of the photo. */
  readonly notes: readonly Note[];
}

export interface Progress {
  readonly stage: 'decoding' | 'preparing' | 'enhancing';
  /** 0..1 of the stage, or null if unknown. */
  readonly fraction: number | null;
}

/** A model of the page, or the user's own weight file. */
export type Model = ModelName | File;

/**
 * Everything that determines a photo's enhanced pixels. Strength is not part of it: it blends two pictures
 * afterwards.
 */
export interface Recipe {
  readonly model: Model;
  /** Sets black point, white point and brightness for the whole photo. */
  readonly finish: boolean;
  readonly keepHue: boolean;
}

export type OutputType = 'image/jpeg' | 'image/png' | 'image/webp';

/** How to encode a photo. */
export interface Encoding {
  /** Null: the format of the photo's file, if browsers can write it. */
  readonly type: OutputType | null;
  /** 0..1, for lossy types. */
  readonly quality: number;
}

/** The worker's operations with their inputs and outputs. */
export interface Operations {
  /** Opens the device and reads the weights. */
  start: { input: { model: Model }; output: AdapterSummary };
  /** Measures which kernels are fastest for the model on this adapter, unless that is known. */
  tune: { input: { model: Model }; output: AdapterSummary };
  /** A small picture for the film strip; fails fast on files that are not photos. */
  thumbnail: { input: { file: Blob; side: number }; output: ImageBitmap };
  /** The same for an enhanced photo. */
  enhancedThumbnail: { input: { enhanced: Enhanced; side: number }; output: ImageBitmap };
  /** A photo for the viewer. */
  open: { input: { file: Blob }; output: Picture };
  /** An enhanced photo for the viewer. */
  openEnhanced: { input: { enhanced: Enhanced }; output: Picture };
  enhance: { input: { file: Blob; recipe: Recipe }; output: Enhanced };
  /** The encoded file of the photo at the given strength (0: untouched, 1: fully enhanced). */
  save: { input: { file: Blob; enhanced: Enhanced; strength: number; encoding: Encoding }; output: Blob };
  /** One ZIP archive of several files. */
  archive: { input: { files: readonly ZipEntry[] }; output: Blob };
}

export type OperationName = keyof Operations;

export type Request =
  | {
      [K in OperationName]: { readonly id: number; readonly type: K; readonly input: Operations[K]['input'] };
    }[OperationName]
  | { readonly id: number; readonly type: 'cancel' };

export type Reply =
  | { readonly id: number; readonly type: 'progress'; readonly progress: Progress }
  | { readonly id: number; readonly type: 'done'; readonly output: Operations[OperationName]['output'] }
  | { readonly id: number; readonly type: 'failed'; readonly problem: Problem };

/** An error that carries a `Problem`: thrown in the worker and, on the page, rejected by the engine. */
export class ProblemError extends Error {
  override name = 'ProblemError';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail ?? problem.kind);
    this.problem = problem;
  }
}
