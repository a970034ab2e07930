import type { ModelName } from './models';
import type { ZipEntry } from './zip';

/**
 * What the page and its worker say to each other. Every request carries a number of the page's choosing; the
 * worker answers it with any number of `decoded`/`progress` replies and exactly one `done` or `failed`.
 *
 * Photos travel as `Blob`s (handles, not copies), so that neither side must keep the pixels of all photos in
 * memory: the browser may put large blobs on disk.
 */

/** Why a photo, or the whole page, cannot go on. The words for each are in `problems.ts`. */
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
  /** Short name: `Apple M2`, `SwiftShader`. */
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

/** An enhanced photo at full strength. */
export interface Enhanced {
  readonly width: number;
  readonly height: number;
  /** RGBA, 8 bit, row-major, alpha not premultiplied. */
  readonly pixels: Blob;
  readonly colorSpace: PredefinedColorSpace;
  /** What could not be kept of the photo, in words for the user. */
  readonly notes: readonly string[];
}

export interface Progress {
  readonly stage: 'decoding' | 'preparing' | 'enhancing';
  /** 0..1, or null where nobody can tell. */
  readonly fraction: number | null;
}

/** The operations of the worker: what each takes and gives. */
export interface Operations {
  /** Opens the device and reads the weights. */
  start: { input: { model: ModelName }; output: AdapterSummary };
  /** A small picture for the film strip; fails fast on files that are not photos. */
  thumbnail: { input: { file: Blob; side: number }; output: ImageBitmap };
  /** What the viewer needs: the photo and, if there is one, its enhanced version. */
  open: {
    input: { file: Blob; enhanced: Enhanced | null };
    output: { before: Picture; after: Picture | null };
  };
  enhance: { input: { file: Blob; model: ModelName }; output: Enhanced };
  /** The encoded file of the photo at the given strength (0: untouched, 1: fully enhanced). */
  save: { input: { file: Blob; enhanced: Enhanced; strength: number }; output: Blob };
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
