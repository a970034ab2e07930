import type { ModelName } from './models';
import type { ZipEntry } from './zip';

/**
 * What the page and its worker say to each other. Every request carries a number of the page's choosing; the
 * worker answers it with any number of `progress` replies and exactly one `done` or `failed`.
 *
 * Photos travel as `Blob`s (handles, not copies), so that neither side must keep the pixels of all photos in
 * memory: the browser may put large blobs on disk.
 */

/** Why a photo, or the whole page, cannot go on. The words for each are in `text/`. */
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
  /** What the failing part said itself; shown below the plain words. */
  readonly detail?: string;
}

/** What the page tells its user about the adapter. */
export interface AdapterSummary {
  /** Short name: `Apple M2`, `SwiftShader`; empty where the browser tells none. */
  readonly name: string;
  /** Everything the browser discloses, for the curious. */
  readonly detail: string;
  readonly isSoftware: boolean;
}

/** A picture ready to be drawn at any zoom. `preview` is at most `PREVIEW_SIDE` pixels on its longer side. */
export interface Picture {
  readonly full: ImageBitmap;
  readonly preview: ImageBitmap;
}

/** What the user should know of a photo: a text of the page's, or a part of a sentence as the reader of files says it. */
export type Note = { readonly key: 'note.hdr' | 'note.deep'; readonly detail: string } | string;

/** An enhanced photo at full strength. */
export interface Enhanced {
  readonly width: number;
  readonly height: number;
  /** RGBA, 8 bit, row-major, alpha not premultiplied. */
  readonly pixels: Blob;
  readonly colorSpace: PredefinedColorSpace;
  /** What could not be kept of the photo. */
  readonly notes: readonly Note[];
}

export interface Progress {
  readonly stage: 'decoding' | 'preparing' | 'enhancing';
  /** 0..1, or null where nobody can tell. */
  readonly fraction: number | null;
}

/** A network: one that the page has, or the user's own weight file. */
export type Model = ModelName | File;

/** All that decides what becomes of a photo's pixels; strength, a blend of two pictures, comes later. */
export interface Recipe {
  readonly model: Model;
  /** Black point, white point and brightness set for the whole photo. */
  readonly finish: boolean;
  readonly keepHue: boolean;
}

export type OutputType = 'image/jpeg' | 'image/png' | 'image/webp';

/** How a photo is written. */
export interface Encoding {
  /** Null: as the photo's own file, where browsers write such files. */
  readonly type: OutputType | null;
  /** 0..1, for the types that lose something. */
  readonly quality: number;
}

/** The operations of the worker: what each takes and gives. */
export interface Operations {
  /** Opens the device and reads the weights. */
  start: { input: { model: Model }; output: AdapterSummary };
  /** A small picture for the film strip; fails fast on files that are not photos. */
  thumbnail: { input: { file: Blob; side: number }; output: ImageBitmap };
  /** The same of an enhanced photo. */
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

/** An error that carries a `Problem`: thrown by the worker's parts and, on the page, by the engine's promises. */
export class ProblemError extends Error {
  override name = 'ProblemError';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail ?? problem.kind);
    this.problem = problem;
  }
}
