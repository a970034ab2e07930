import type { BenchName } from '../../bench/results';
import type { BenchJob } from '../../bench/run';

/** Operators measured on a software adapter; all of them would take minutes. */
const FEW = ['64->64 at 64x64', 'Adam', 'addition'];

interface Sizes {
  readonly widths: readonly number[];
  readonly image: number;
  readonly patch: number;
  readonly batch: number;
  readonly filters: readonly string[];
}

const GPU: Sizes = { widths: [8, 16], image: 1024, patch: 128, batch: 16, filters: [] };
const SOFTWARE: Sizes = { widths: [8], image: 256, patch: 64, batch: 2, filters: FEW };
const QUICK: Sizes = { widths: [4], image: 32, patch: 32, batch: 2, filters: ['addition'] };

/**
 * The measurements of one click, with the same sizes on all GPUs, so that visitors' results are comparable.
 *
 * @param quick a single round of hardly any work, to check that it runs. The numbers mean nothing.
 */
export function plannedJobs(isSoftware: boolean, quick: boolean): BenchJob[] {
  const { widths, image, patch, batch, filters } = quick ? QUICK : isSoftware ? SOFTWARE : GPU;
  const common = {
    rounds: quick ? 1 : 5,
    sampleMs: quick ? 0 : 50,
    without: [],
    profile: false,
    small: quick,
  } as const;
  const job = (bench: BenchName, size: number, count: number): BenchJob => ({
    ...common,
    bench,
    widths: bench === 'kernels' ? [] : widths,
    size,
    batch: count,
    filters: bench === 'kernels' ? filters : [],
    cold: bench === 'network' && !quick,
  });
  return [job('network', image, 1), job('training', patch, batch), job('kernels', image, 1)];
}

/** Megapixels processed by a run of the job; null if a row has its own size. */
export const megapixels = ({ bench, size, batch }: BenchJob): number | null =>
  bench === 'kernels' ? null : ((bench === 'training' ? batch : 1) * size ** 2) / 1e6;
