import nano from '../../weights/nano.safetensors?url';
import small from '../../weights/small.safetensors?url';

/** Addresses of the weights that the page offers. All but the first are fetched when they are first chosen. */
export const MODELS = { nano, small } as const;

export type ModelName = keyof typeof MODELS;

export const DEFAULT_MODEL: ModelName = 'nano';
