import nano from '../../weights/nano.safetensors?url';
import small from '../../weights/small.safetensors?url';

/** The weights that the page offers. All but the first are fetched when they are first chosen. */
export const MODELS = {
  nano: { url: nano, title: 'nano: fast' },
  small: { url: small, title: 'small: slightly finer, slower' },
} as const;

export type ModelName = keyof typeof MODELS;

export const MODEL_NAMES = Object.keys(MODELS) as readonly ModelName[];

export const DEFAULT_MODEL: ModelName = 'nano';
