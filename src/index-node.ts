/**
 * glocal for Node.
 *
 * ```ts
 * const enhancer = await Enhancer.create({ model: 'instant' });
 * await enhanceFile(enhancer, 'dark.jpg', 'bright.jpg');
 * await enhancer.dispose();
 * ```
 */

export type { EnhancerOptions, RunOptions } from './enhance/enhancer';
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
export { TakenError, writeWhole } from './enhance/node/publish';
export * from './errors';
export { type OpenNodeGpuOptions, openNodeGpu } from './gpu/node/dawn';
export type { AdapterTraits, Gpu } from './gpu/types';
export { type KernelPolicy, policyFor } from './kernels/policy';
export { formatOfPath, type PhotoFormat } from './photo/format';
export type { Channels, EnhancedImage, ImageInput, RasterImage, Samples } from './photo/image';
export {
  decodePhoto,
  type EncodedPhoto,
  type EncodeOptions,
  encodePhoto,
  type Photo,
  readPhoto,
} from './photo/node/photo';
