import { Enhancer } from '../../enhance/enhancer';
import { loadModel } from '../../enhance/node/models';
import type { Gpu } from '../../gpu/types';
import { decodeWeights, type Weights } from '../../model/weights';
import type { RgbImage } from '../image';
import { BatchModel } from './batch-model';
import type { PictureModel } from './picture-model';

/** A model to evaluate, as given by `--model`. */
export interface ModelChoice {
  /** Title of its column. */
  readonly title: string;
  /** The name of a model in this package, or a path. */
  readonly source: string;
}

/** A model, with its file read. */
export interface ModelFile extends ModelChoice {
  readonly bytes: Uint8Array;
  readonly weights: Weights;
}

/**
 * Reads model files.
 *
 * @throws InputError or WeightsError naming the unusable file.
 */
export async function readModels(choices: readonly ModelChoice[]): Promise<ModelFile[]> {
  return Promise.all(
    choices.map(async (choice) => {
      const bytes = await loadModel(choice.source);
      return { ...choice, bytes, weights: decodeWeights(bytes, choice.source) };
    }),
  );
}

/** Whether it is the network without a global encoder, as in the paper's figure 5. */
export const lacksGlobalEncoder = ({ weights: { config } }: ModelFile): boolean =>
  config.kind === 'local-global' && !config.globalEncoder;

/** Whether the output for a picture depends on the rest of its batch. */
export const sharesBatches = ({ weights: { config } }: ModelFile): boolean => config.kind === 'drht';

/**
 * Enhancing networks run through the `Enhancer`, as for users; DRHT through the graph.
 *
 * @param finish whether its outputs are finished: see `RunOptions`.
 */
export async function openModel(
  gpu: Gpu,
  { source, bytes, weights }: ModelFile,
  finish: boolean,
): Promise<PictureModel> {
  if (weights.config.kind === 'drht') return new BatchModel(gpu, source, weights);
  const enhancer = await Enhancer.create({ gpu, model: bytes, modelName: source });
  return {
    batch: 1,
    async run(images) {
      const results: RgbImage[] = [];
      for (const { width, height, data } of images) {
        const enhanced = await enhancer.run({ data, width, height, channels: 3 }, { finish });
        results.push({ width, height, data: new Uint8Array(enhanced.data) });
      }
      return results;
    },
    dispose: () => enhancer.dispose(),
  };
}
