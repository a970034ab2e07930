import instant from '../../weights/instant.safetensors?url';
import nano from '../../weights/nano.safetensors?url';
import small from '../../weights/small.safetensors?url';

/** The models that the page offers. All but the first are fetched when first chosen. */
export const MODELS = {
  instant: { url: instant },
  nano: { url: nano },
  small: { url: small },
} as const;

export type ModelName = keyof typeof MODELS;

export const MODEL_NAMES = Object.keys(MODELS) as readonly ModelName[];

export { DEFAULT_MODEL } from '../enhance/default-model';
