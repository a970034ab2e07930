/**
 * glocal for browsers.
 *
 * ```ts
 * const gpu = await openGpu(navigator.gpu);
 * const enhancer = await Enhancer.create({ gpu, weights: await loadModel(url) });
 * const { data, width, height } = await enhancer.run(imageData, { strength: 0.8 });
 * enhancer.dispose();
 * gpu.destroy();
 * ```
 */
export { Enhancer, type EnhancerOptions, type RunOptions } from './enhance/enhancer';
export type { EnhancedImage, RgbaImage } from './enhance/image';
export { loadModel } from './enhance/models';
export * from './errors';
export { type OpenGpuOptions, openGpu } from './gpu/device';
export type { AdapterTraits, Gpu } from './gpu/types';
