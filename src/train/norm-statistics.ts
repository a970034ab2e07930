import type { Gpu } from '../gpu/types';
import { Graph, Program } from '../graph';
import type { ModelConfig } from '../model/model-config';
import type { StateDict, StateTensor } from '../model/state-dict';
import { trainable } from '../model/trainable';
import { writeState } from '../model/weights';

/** Sums over batches of means and second moments. */
interface Moments {
  readonly mean: Float64Array;
  readonly square: Float64Array;
}

/**
 * The statistics of all batch norms for fixed weights, over many batches together. Running statistics cover only the
 * last ten batches or so, and lag behind the weights.
 *
 * The mean and variance (with Bessel's correction, as in PyTorch) of each batch are measured on the device and
 * combined in float64: mean = E[m_b], variance = E[v_b + m_b^2] - mean^2.
 *
 * @param inputs batches [batch, 3, patch, patch], dense.
 * @returns the statistics by name; empty for a network without running statistics at inference (DRHT).
 */
export async function measureNormStatistics(
  gpu: Gpu,
  network: ModelConfig,
  weights: StateDict,
  { batch, patch }: { readonly batch: number; readonly patch: number },
  inputs: AsyncIterable<Float32Array>,
): Promise<StateDict> {
  if (network.kind === 'drht') return new Map();
  const graph = new Graph();
  const input = graph.input('input', [batch, 3, patch, patch]);
  // With this momentum the running statistics are those of the current batch.
  const { output, state } = trainable({ ...network, normMomentum: 1 }).build(graph, input, 'training');
  const program = await Program.compile(gpu, graph, { fetch: [output] });
  const norms = state.flatMap(({ name }) => (name.endsWith('.running_mean') ? [name.slice(0, -13)] : []));
  const statistics = norms.flatMap((norm) => [`${norm}.running_mean`, `${norm}.running_var`]);
  const sums = new Map<string, Moments>();
  let count = 0;
  try {
    writeState(program, weights);
    for await (const batch of inputs) {
      program.write('input', batch);
      program.run();
      const values = await program.readAll(statistics);
      norms.forEach((norm, at) => {
        addMoments(sums, norm, values[2 * at]!, values[2 * at + 1]!);
      });
      count++;
    }
  } finally {
    program.destroy();
  }
  return new Map([...sums].flatMap(([norm, moments]) => statisticsOf(norm, moments, count)));
}

function addMoments(
  sums: Map<string, Moments>,
  norm: string,
  mean: Float32Array,
  variance: Float32Array,
): void {
  const sum = sums.get(norm) ?? {
    mean: new Float64Array(mean.length),
    square: new Float64Array(mean.length),
  };
  sums.set(norm, sum);
  mean.forEach((value, channel) => {
    sum.mean[channel]! += value;
    sum.square[channel]! += variance[channel]! + value ** 2;
  });
}

function statisticsOf(norm: string, { mean, square }: Moments, count: number): [string, StateTensor][] {
  const means = mean.map((sum) => sum / count);
  const variances = square.map((sum, channel) => Math.max(0, sum / count - means[channel]! ** 2));
  const vector = (data: Float64Array): StateTensor => ({
    shape: [data.length],
    data: Float32Array.from(data),
  });
  return [
    [`${norm}.running_mean`, vector(means)],
    [`${norm}.running_var`, vector(variances)],
  ];
}
