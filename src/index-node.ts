/**
 * glocal for Node.
 *
 * ```ts
 * const enhancer = await Enhancer.create({ model: 'instant' });
 * await enhanceFile(enhancer, 'dark.jpg', 'bright.jpg');
 * await enhancer.dispose();
 * ```
 */

export type { EnhanceOptions, EnhancerOptions, RunOptions } from './enhance/enhancer-options';
export {
  type EnhanceBytesOptions,
  type EnhancedBytes,
  type EnhancedFile,
  type EnhanceFileOptions,
  enhanceBytes,
  enhanceFile,
} from './enhance/node/enhance-file';
export { NodeEnhancer as Enhancer } from './enhance/node/enhancer';
export { loadModel, shippedModels } from './enhance/node/models';
export { TakenError } from './enhance/node/publish';
export type { CanvasOutput, FloatImage, Output, OutputOf } from './enhance/outputs';
export type { PhotoBytes } from './enhance/platform';
export type { Drawable, ImageSource, PageImage } from './enhance/sources';
export * from './errors';
export { type OpenNodeGpuOptions, openNodeGpu } from './gpu/node/dawn';
export type { AdapterTraits, Gpu } from './gpu/types';
export { type KernelPolicy, policyFor } from './kernels/policy';
export { formatOfPath, PHOTO_FORMATS, type PhotoFormat } from './photo/format';
export type { Channels, EnhancedImage, RasterImage, Samples } from './photo/image';
export {
  decodePhoto,
  type EncodedPhoto,
  type EncodeOptions,
  encodePhoto,
  type Photo,
  type PhotoMetadata,
  readPhoto,
} from './photo/node/photo';
