/** What went wrong, for programs. A code keeps its meaning; docs/api.md has a line for each. */
export type ErrorCode = (typeof ERROR_CODES)[number];

export const ERROR_CODES = [
  'invalid-input',
  'invalid-option',
  'disposed',
  'not-an-image',
  'photo-damaged',
  'photo-truncated',
  'photo-too-large',
  'photo-bomb',
  'photo-raw',
  'photo-heic',
  'photo-tiff',
  'output-exists',
  'weights',
  'weights-not-found',
  'no-webgpu',
  'no-adapter',
  'missing-package',
  'device-lost',
  'unfinished',
  'browser-lost',
  'out-of-memory',
  'aborted',
  'diverged',
  'shape',
  'graph',
  'shader',
  'failed',
] as const;

export interface GlocalErrorOptions extends ErrorOptions {
  /** Default: that of the class. */
  readonly code?: ErrorCode;
}

/** An error that a user can meet. The message says what is wrong, what follows from it, and what to do. */
export class GlocalError extends Error {
  /** The code of an error of this class that has none of its own. */
  static readonly code: ErrorCode = 'failed';
  override name = 'GlocalError';
  readonly code: ErrorCode;

  constructor(message: string, options: GlocalErrorOptions = {}) {
    super(message, options);
    this.code = options.code ?? new.target.code;
  }
}

/** A file, photo, option or folder that cannot be used. */
export class InputError extends GlocalError {
  static override readonly code: ErrorCode = 'invalid-input';
  override name = 'InputError';
}

/** Shapes or attributes that do not fit together; names the operator, what it got and what it expected. */
export class ShapeError extends GlocalError {
  static override readonly code: ErrorCode = 'shape';
  override name = 'ShapeError';
}

/** No WebGPU, no adapter, or an adapter that lacks something needed. */
export class AdapterError extends GlocalError {
  static override readonly code: ErrorCode = 'no-adapter';
  override name = 'AdapterError';
}

/** The device was lost while work was in flight; the next call may open a new one. */
export class DeviceLostError extends GlocalError {
  static override readonly code: ErrorCode = 'device-lost';
  override name = 'DeviceLostError';
}

/** The device dropped work without a word: what would be read is from before. The next call may work. */
export class UnfinishedError extends GlocalError {
  static override readonly code: ErrorCode = 'unfinished';
  override name = 'UnfinishedError';
}

/** The browser that computed ended, or its page did, before the work was done. */
export class BrowserLostError extends GlocalError {
  static override readonly code: ErrorCode = 'browser-lost';
  override name = 'BrowserLostError';
}

/** A shader that does not compile, or a pipeline that cannot be made. */
export class ShaderError extends GlocalError {
  static override readonly code: ErrorCode = 'shader';
  override name = 'ShaderError';
}

/** The device has not the memory, or the size limits, that the work needs. */
export class MemoryError extends GlocalError {
  static override readonly code: ErrorCode = 'out-of-memory';
  override name = 'MemoryError';
}

/** A weight file or checkpoint that is damaged or belongs to another configuration. */
export class WeightsError extends GlocalError {
  static override readonly code: ErrorCode = 'weights';
  override name = 'WeightsError';
}

/** The work was stopped through an AbortSignal. */
export class AbortError extends GlocalError {
  static override readonly code: ErrorCode = 'aborted';
  override name = 'AbortError';
}

/** A graph that cannot be built, differentiated or run: an unknown or doubled name, no path to a variable. */
export class GraphError extends GlocalError {
  static override readonly code: ErrorCode = 'graph';
  override name = 'GraphError';
}
