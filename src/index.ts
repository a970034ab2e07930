/**
 * glocal for browsers.
 *
 * ```ts
 * const enhancer = await Enhancer.create({ model: 'instant' });
 * await enhancer.run(file, { strength: 0.8, output: canvas });
 * await enhancer.dispose();
 * ```
 */
export { Enhancer } from './enhance/enhancer';
export type { EnhanceOptions, EnhancerOptions, RunOptions } from './enhance/enhancer-options';
export { loadModel } from './enhance/models';
export type { CanvasOutput, FloatImage, Output, OutputOf } from './enhance/outputs';
export type { PhotoBytes } from './enhance/platform';
export type { Drawable, ImageSource, PageImage } from './enhance/sources';
export * from './errors';
export { type OpenGpuOptions, openGpu } from './gpu/device';
export type { AdapterTraits, Gpu } from './gpu/types';
export { type KernelPolicy, policyFor } from './kernels/policy';
export { PHOTO_FORMATS, type PhotoFormat } from './photo/format';
export type { Channels, EnhancedImage, RasterImage, Samples } from './photo/image';
