import { WeightsError } from '../errors';
import { decodeWeights, describeModel, foldBatchNorm, type NetworkConfig, type StateDict } from '../model';
import type { FoldableConfig } from '../model/model-config';

/** A network ready for inference, with batch norms folded into the convolutions. */
export interface FoldedNetwork<C extends FoldableConfig = NetworkConfig> {
  readonly config: C;
  readonly weights: StateDict;
}

/**
 * @param bytes a weight file.
 * @param name how messages refer to it.
 * @throws {WeightsError} when it is damaged, has another configuration, or holds values that are not finite.
 */
export function readNetwork(bytes: Uint8Array, name: string): FoldedNetwork<FoldableConfig> {
  const { config, state } = decodeWeights(bytes, name);
  if (config.kind === 'drht') {
    throw new WeightsError(
      `${name} is a ${describeModel(config)}, which is only for comparison, in \`glocal eval\`. ` +
        'Use a network that enhances photos.',
    );
  }
  const weights = foldBatchNorm(state, config);
  for (const [key, { data }] of weights) {
    if (!data.every(Number.isFinite)) {
      throw new WeightsError(
        `${name}: ${key} holds values that are not finite. Its training went wrong; use another.`,
      );
    }
  }
  return { config, weights };
}
