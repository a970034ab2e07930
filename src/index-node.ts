/**
 * glocal for Node.
 *
 * ```ts
 * const gpu = await openNodeGpu();
 * const enhancer = await Enhancer.create({ gpu, weights: await loadModel('nano') });
 * await enhanceFile(enhancer, 'dark.jpg', 'bright.jpg');
 * enhancer.dispose();
 * gpu.destroy();
 * ```
 */
export { type EnhancedFile, type EnhanceFileOptions, enhanceFile } from './enhance/enhance-file-node';
export { Enhancer, type EnhancerOptions, type RunOptions } from './enhance/enhancer';
export type { EnhancedImage, RgbaImage } from './enhance/image';
export { loadModel, shippedModels } from './enhance/models-node';
export {
  decodePhoto,
  type EncodedPhoto,
  type EncodeOptions,
  encodePhoto,
  type Photo,
  type PhotoFormat,
  readPhoto,
  writeWhole,
} from './enhance/photo-node';
export * from './errors';
export { type OpenNodeGpuOptions, openNodeGpu } from './gpu/node/dawn';
export type { AdapterTraits, Gpu } from './gpu/types';
