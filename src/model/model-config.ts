import { InputError } from '../errors';
import { type BilateralConfig, bilateralConfig } from './bilateral/config';
import { bilateralLayers } from './bilateral/layers';
import { type NetworkConfig, networkConfig, SIZE_MULTIPLE } from './config';
import { DRHT_SIZE_MULTIPLE, type DrhtConfig, drhtConfig } from './drht/config';
import { drhtParameters } from './drht/layers';
import { allLayers, type Layer, layerParameters, type ParameterSpec } from './layers';

/** A network for enhancing photos; its batch norms can be folded into its convolutions. */
export type FoldableConfig = NetworkConfig | BilateralConfig;

/** A network that can be trained and evaluated: one that enhances photos, or DRHT, the comparison. */
export type ModelConfig = FoldableConfig | DrhtConfig;

export const MODEL_KINDS = [
  'local-global',
  'bilateral-grid',
  'drht',
] as const satisfies readonly ModelConfig['kind'][];

/**
 * Fills in defaults and checks the result. Files without a kind are older and hold local-global networks.
 *
 * @throws InputError naming the first invalid value or unknown name.
 */
export function modelConfig(values: Readonly<Record<string, unknown>>): ModelConfig {
  const { kind = 'local-global' } = values;
  if (kind === 'local-global') return networkConfig(values);
  if (kind === 'bilateral-grid') return bilateralConfig(values);
  if (kind === 'drht') return drhtConfig(values);
  throw new InputError(
    `The network configuration has kind = ${JSON.stringify(kind)}; expected one of ${MODEL_KINDS.join(', ')}.`,
  );
}

/** The variables of a network, as stored in its weight file. */
export function modelParameters(config: ModelConfig): ParameterSpec[] {
  if (config.kind === 'drht') return drhtParameters(config);
  return foldableLayers(config).flatMap((layer) => layerParameters(layer));
}

/** All convolutions, in forward order. */
export function foldableLayers(config: FoldableConfig): Layer[] {
  return config.kind === 'bilateral-grid' ? bilateralLayers(config) : allLayers(config);
}

/** Both sides of the network's input must be multiples of this. */
export function sizeMultiple(config: ModelConfig): number {
  // Smaller patches are enlarged to the view; the network itself refuses sides that are no power of two.
  if (config.kind === 'bilateral-grid') return config.viewSize / 4;
  return config.kind === 'drht' ? DRHT_SIZE_MULTIPLE : SIZE_MULTIPLE;
}

/** For messages: `local-global network of width 8, global width 16`. */
export function describeModel(config: ModelConfig): string {
  if (config.kind === 'drht') return `DRHT of width ${config.width}`;
  if (config.kind === 'bilateral-grid') {
    const { width, gridSize, levels } = config;
    return `bilateral-grid network of width ${width}, grid ${gridSize}x${gridSize}x${levels}`;
  }
  const global = config.globalEncoder ? `global width ${config.globalWidth}` : 'no global encoder';
  return `local-global network of width ${config.width}, ${global}`;
}
