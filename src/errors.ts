/**
 * The errors a user can meet. A message says what is wrong, what follows from it, and what to do.
 */
export class GlocalError extends Error {
  override name = 'GlocalError';
}

/** A file, photo, option or folder that cannot be used. */
export class InputError extends GlocalError {
  override name = 'InputError';
}

/** Shapes or attributes that do not fit together; names the operator, what it got and what it expected. */
export class ShapeError extends GlocalError {
  override name = 'ShapeError';
}

/** No WebGPU, no adapter, or an adapter that lacks something needed. */
export class AdapterError extends GlocalError {
  override name = 'AdapterError';
}

/** The device was lost while work was in flight; the next call may open a new one. */
export class DeviceLostError extends GlocalError {
  override name = 'DeviceLostError';
}

/** The device dropped work without a word: what would be read is from before. The next call may work. */
export class UnfinishedError extends GlocalError {
  override name = 'UnfinishedError';
}

/** The browser that computed ended, or its page did, before the work was done. */
export class BrowserLostError extends GlocalError {
  override name = 'BrowserLostError';
}

/** A shader that does not compile, or a pipeline that cannot be made. */
export class ShaderError extends GlocalError {
  override name = 'ShaderError';
}

/** The device has not the memory, or the size limits, that the work needs. */
export class MemoryError extends GlocalError {
  override name = 'MemoryError';
}

/** A weight file or checkpoint that is damaged or belongs to another configuration. */
export class WeightsError extends GlocalError {
  override name = 'WeightsError';
}

/** The work was stopped through an AbortSignal. */
export class AbortError extends GlocalError {
  override name = 'AbortError';
}

/** A graph that cannot be built, differentiated or run: an unknown or doubled name, no path to a variable. */
export class GraphError extends GlocalError {
  override name = 'GraphError';
}
