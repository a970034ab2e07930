/**
 * glocal for browsers.
 *
 * ```ts
 * const enhancer = await Enhancer.create({ model: 'instant' });
 * const { data, width, height } = await enhancer.run(imageData, { strength: 0.8 });
 * await enhancer.dispose();
 * ```
 */
export { Enhancer, type EnhancerOptions, type RunOptions } from './enhance/enhancer';
export { loadModel } from './enhance/models';
export * from './errors';
export { type OpenGpuOptions, openGpu } from './gpu/device';
export type { AdapterTraits, Gpu } from './gpu/types';
export { type KernelPolicy, policyFor } from './kernels/policy';
export { embedMetadata } from './photo/embed-metadata';
export { uprightExif } from './photo/exif';
export type { Channels, EnhancedImage, ImageInput, RasterImage, Samples } from './photo/image';
export type { ContainerFormat, Metadata, PictureSize, Tagged } from './photo/metadata';
export { uprightXmp } from './photo/xmp';
