import { Enhancer } from '../../enhance/enhancer';
import { loadModel } from '../../enhance/node/models';
import type { Gpu } from '../../gpu/types';
import { decodeWeights, type Weights } from '../../model/weights';
import type { RgbImage } from '../image';
import { BatchModel } from './batch-model';
import type { PictureModel } from './picture-model';

/** A model to be measured, as `--model` names it. */
export interface ModelChoice {
  /** Heads its column. */
  readonly title: string;
  /** A model of this package, or a path. */
  readonly source: string;
}

/** A model with its file read. */
export interface ModelFile extends ModelChoice {
  readonly bytes: Uint8Array;
  readonly weights: Weights;
}

/**
 * Reads the files of models.
 *
 * @throws InputError or WeightsError naming the file that cannot be used.
 */
export async function readModels(choices: readonly ModelChoice[]): Promise<ModelFile[]> {
  return Promise.all(
    choices.map(async (choice) => {
      const bytes = await loadModel(choice.source);
      return { ...choice, bytes, weights: decodeWeights(bytes, choice.source) };
    }),
  );
}

/** Whether it is the network of the paper's Figure 5. */
export const lacksGlobalEncoder = ({ weights: { config } }: ModelFile): boolean =>
  config.kind === 'local-global' && !config.globalEncoder;

/** Whether what becomes of a picture depends on those it is run with. */
export const sharesBatches = ({ weights: { config } }: ModelFile): boolean => config.kind === 'drht';

/**
 * A network that enhances runs as for users, DRHT through the graph.
 *
 * @param finish whether its pictures are finished: see `RunOptions`.
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
