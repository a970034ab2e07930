import { luminance } from '../srgb';
import type { LinearImage } from './image';

/** Facts about a scene that show whether it is what its user expects. */
export interface SceneStatistics {
  readonly width: number;
  readonly height: number;
  /** Stops between the 0.1th and the 99.9th percentile of luminance; null where the lower one is black. */
  readonly stops: number | null;
  /** Share of pixels without light. */
  readonly black: number;
}

/** Number of pixels examined; a larger scene is sampled evenly. */
const SAMPLES = 200_000;

export function sceneStatistics({ width, height, data }: LinearImage): SceneStatistics {
  const stride = Math.max(1, Math.floor((width * height) / SAMPLES));
  const values: number[] = [];
  for (let pixel = 0; pixel < width * height; pixel += stride) {
    const i = 3 * pixel;
    values.push(luminance(data[i]!, data[i + 1]!, data[i + 2]!));
  }
  const sorted = Float64Array.from(values).sort();
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))]!;
  const [low, high] = [at(0.001), at(0.999)];
  return {
    width,
    height,
    stops: low > 0 ? Math.log2(high / low) : null,
    black: sorted.filter((value) => value <= 0).length / sorted.length,
  };
}
