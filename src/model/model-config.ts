import { InputError } from '../errors';
import { type NetworkConfig, networkConfig, SIZE_MULTIPLE } from './config';
import { DRHT_SIZE_MULTIPLE, type DrhtConfig, drhtConfig } from './drht/config';
import { drhtParameters } from './drht/layers';
import { networkParameters, type ParameterSpec } from './layers';

/** A network that can be trained and measured: the local-global one, or DRHT, which it is compared with. */
export type ModelConfig = NetworkConfig | DrhtConfig;

export const MODEL_KINDS = ['local-global', 'drht'] as const satisfies readonly ModelConfig['kind'][];

/**
 * Fills in defaults and checks the result. Files from before there were kinds have local-global networks.
 *
 * @throws InputError naming the first value that cannot be used, or a name that is unknown.
 */
export function modelConfig(values: Readonly<Record<string, unknown>>): ModelConfig {
  const { kind = 'local-global' } = values;
  if (kind === 'local-global') return networkConfig(values);
  if (kind === 'drht') return drhtConfig(values);
  throw new InputError(
    `The network configuration has kind = ${JSON.stringify(kind)}; expected one of ${MODEL_KINDS.join(', ')}.`,
  );
}

/** The variables of a network, as its weight file has them. */
export function modelParameters(config: ModelConfig): ParameterSpec[] {
  return config.kind === 'drht' ? drhtParameters(config) : networkParameters(config);
}

/** The sides of a network's input must be multiples of this. */
export function sizeMultiple({ kind }: ModelConfig): number {
  return kind === 'drht' ? DRHT_SIZE_MULTIPLE : SIZE_MULTIPLE;
}

/** For messages: `local-global network of width 8, global width 16`. */
export function describeModel(config: ModelConfig): string {
  if (config.kind === 'drht') return `DRHT of width ${config.width}`;
  const global = config.globalEncoder ? `global width ${config.globalWidth}` : 'no global encoder';
  return `local-global network of width ${config.width}, ${global}`;
}
