/**
 * glocal for Node.
 *
 * ```ts
 * const enhancer = await Enhancer.create({ model: 'nano' });
 * await enhanceFile(enhancer, 'dark.jpg', 'bright.jpg');
 * await enhancer.dispose();
 * ```
 */
export {
  type EnhanceBytesOptions,
  type EnhancedBytes,
  type EnhancedFile,
  type EnhanceFileOptions,
  enhanceBytes,
  enhanceFile,
} from './enhance/enhance-file-node';
export type { EnhancerOptions, RunOptions } from './enhance/enhancer';
export { NodeEnhancer as Enhancer } from './enhance/enhancer-node';
export type { Channels, EnhancedImage, ImageInput, RasterImage, Samples } from './enhance/image';
export { loadModel, shippedModels } from './enhance/models-node';
export { formatOfPath, type PhotoFormat } from './enhance/photo-format';
export {
  decodePhoto,
  type EncodedPhoto,
  type EncodeOptions,
  encodePhoto,
  type Photo,
  readPhoto,
} from './enhance/photo-node';
export { writeWhole } from './enhance/write-whole-node';
export * from './errors';
export { type OpenNodeGpuOptions, openNodeGpu } from './gpu/node/dawn';
export type { AdapterTraits, Gpu } from './gpu/types';
export { type KernelPolicy, policyFor } from './kernels/policy';
