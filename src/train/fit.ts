import { MemoryError } from '../errors';
import type { AdapterTraits } from '../gpu/types';
import { lower } from '../graph';
import { sizeMultiple } from '../model/model-config';
import { mebibytes } from '../units';
import { type StepOptions, trainingGraph } from './training-graph';

/**
 * Refuses a step that exceeds the device's limits before anything is allocated, naming the largest step that fits.
 *
 * @throws MemoryError
 */
export function requireStepFits(traits: AdapterTraits, options: StepOptions): void {
  const { maxStorageBufferBindingSize, maxBufferSize } = traits.limits;
  const limit = Math.min(maxStorageBufferBindingSize, maxBufferSize);
  const fits = (changed: Partial<StepOptions>) =>
    largestTensor(traits, { ...options, ...changed }).bytes <= limit;
  const { bytes, description } = largestTensor(traits, options);
  if (bytes <= limit) return;
  const { batch, patch, accumulate = 1 } = options;
  throw new MemoryError(
    `A step on ${batch / accumulate} pairs of ${patch} x ${patch} at once needs ${mebibytes(bytes)} in one piece (${description}), ` +
      `but this device binds at most ${mebibytes(limit)}. ${remedy(options, fits)}`,
  );
}

/** The largest steps that fit: the same step in parts, with fewer pairs, or with smaller patches. */
function remedy(
  { network, batch, patch }: StepOptions,
  fits: (changed: Partial<StepOptions>) => boolean,
): string {
  const multiple = sizeMultiple(network);
  const accumulate = steps(2, batch / 2).find((count) => batch % count === 0 && fits({ accumulate: count }));
  const pairs = steps(1, batch - 2)
    .map((less) => batch - less)
    .find((fewer) => fits({ batch: fewer, accumulate: 1 }));
  const side = steps(1, patch / multiple - 1)
    .map((less) => patch - less * multiple)
    .find((smaller) => fits({ patch: smaller }));
  const ways = [
    ...(accumulate === undefined ? [] : [`--accumulate ${accumulate}`]),
    ...(pairs === undefined ? [] : [`--batch ${pairs}`]),
    ...(side === undefined ? [] : [`--patch ${side}`]),
  ];
  if (ways.length === 0) return 'No step of this network fits: use a smaller --width.';
  return `The largest that fit: ${ways.join(', or ')}.`;
}

function largestTensor(traits: AdapterTraits, options: StepOptions) {
  const { graph, loss } = trainingGraph(options);
  const { values } = lower(graph, [loss], traits);
  return values.reduce((largest, value) => (value.bytes > largest.bytes ? value : largest));
}

const steps = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, Math.floor(to) - from + 1) }, (_, i) => from + i);
