/** Error codes for programs. A code never changes its meaning; docs/api.md describes each. */
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
  /** Default: the class's code. */
  readonly code?: ErrorCode;
}

/** An error that users may see. The message says what is wrong, what follows from it, and what to do. */
export class GlocalError extends Error {
  /** The code of errors of this class without their own. */
  static readonly code: ErrorCode = 'failed';
  override name = 'GlocalError';
  readonly code: ErrorCode;

  constructor(message: string, options: GlocalErrorOptions = {}) {
    super(message, options);
    this.code = options.code ?? new.target.code;
  }
}

/** An unusable file, photo, option or folder. */
export class InputError extends GlocalError {
  static override readonly code: ErrorCode = 'invalid-input';
  override name = 'InputError';
}

/** Shapes or attributes that do not fit together. Names the operator, the actual and the expected values. */
export class ShapeError extends GlocalError {
  static override readonly code: ErrorCode = 'shape';
  override name = 'ShapeError';
}

/** No WebGPU, no adapter, or an adapter that lacks something needed. */
export class AdapterError extends GlocalError {
  static override readonly code: ErrorCode = 'no-adapter';
  override name = 'AdapterError';
}

/** The device was lost during work; the next call may open a new one. */
export class DeviceLostError extends GlocalError {
  static override readonly code: ErrorCode = 'device-lost';
  override name = 'DeviceLostError';
}

/** The device silently dropped work, so its memory still has old results. The next call may succeed. */
export class UnfinishedError extends GlocalError {
  static override readonly code: ErrorCode = 'unfinished';
  override name = 'UnfinishedError';
}

/** The browser that did the work, or its page, ended too early. */
export class BrowserLostError extends GlocalError {
  static override readonly code: ErrorCode = 'browser-lost';
  override name = 'BrowserLostError';
}

/** A shader does not compile, or a pipeline cannot be created. */
export class ShaderError extends GlocalError {
  static override readonly code: ErrorCode = 'shader';
  override name = 'ShaderError';
}

/** The device lacks the memory, or the limits, for the work. */
export class MemoryError extends GlocalError {
  static override readonly code: ErrorCode = 'out-of-memory';
  override name = 'MemoryError';
}

/** A damaged weight file or checkpoint, or one of another configuration. */
export class WeightsError extends GlocalError {
  static override readonly code: ErrorCode = 'weights';
  override name = 'WeightsError';
}

/** Stopped by an AbortSignal. */
export class AbortError extends GlocalError {
  static override readonly code: ErrorCode = 'aborted';
  override name = 'AbortError';
}

/** A graph that cannot be built, differentiated or run: an unknown or duplicate name, or no path to a variable. */
export class GraphError extends GlocalError {
  static override readonly code: ErrorCode = 'graph';
  override name = 'GraphError';
}
