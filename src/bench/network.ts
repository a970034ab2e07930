import { Enhancer } from '../enhance/enhancer';
import { finished } from '../gpu/buffers';
import type { Gpu } from '../gpu/types';
import { Graph, Program, type SymbolicTensor } from '../graph';
import { foldBatchNorm, initialWeights, type NetworkConfig, networkConfig, writeState } from '../model';
import { buildNetwork } from '../model/network';
import { encodeWeights } from '../model/weights';
import { compareWith, type ReadyOpponent, warmUp } from './comparison';
import { forwardFlops } from './network-work';
import type { FoldedNetwork, Opponent, OpponentRun } from './opponent';
import { seededValues } from './prepared';
import type { NoComparison } from './results';
import type { BenchTask } from './task';

interface NetworkBench {
  readonly widths: readonly number[];
  /** Side of the image, a multiple of 16. */
  readonly size: number;
  /** Side of the photo for timing the first enhancement; 0 skips it. */
  readonly coldSize: number;
}

const SEED = 1;

/** Allowed difference of outputs in [0, 1]: a quarter of an 8-bit level. */
const TOLERANCE = 1e-3;

/** The network configuration of `glocal train --width`. */
export const networkOfWidth = (width: number): NetworkConfig =>
  networkConfig({ width, globalWidth: 2 * width });

/** Measures the forward pass with folded batch norm, and the first enhancement from a cold start. */
export async function benchNetwork({ openFresh, ...task }: BenchTask, bench: NetworkBench): Promise<void> {
  const { gpu, opponents, emit, onNotice } = task;
  const { widths, size, coldSize } = bench;
  for (const width of widths) {
    const config = networkOfWidth(width);
    const weights = initialWeights(config, SEED);
    if (coldSize > 0) onNotice(`network of width ${width} from cold`);
    const cold =
      coldSize > 0 ? await coldSeconds(openFresh, encodeWeights(weights, config, {}), coldSize) : null;
    const name = `forward, width ${width} at ${size}x${size}`;
    onNotice(name);
    const network = { config, weights: foldBatchNorm(weights, config) };
    const image = seededValues('image', [1, 3, size, size]).map((value) => (value + 1) / 2);
    const ours = await compileForward(gpu, network, image, size);
    const runs: OpponentRun[] = [];
    try {
      await ours.run(1);
      const expected = opponents.length > 0 ? await ours.read() : new Float32Array();
      const ready = await prepareOpponents(opponents, runs, network, image, size, expected);
      const { planned, naive, variables } = ours.program.memory;
      emit({
        name,
        work: { flops: forwardFlops({ config, batch: 1, size }), bytes: 0 },
        ...(await compareWith(ours, ready, task)),
        details: {
          ...(cold !== null && { [`first enhancement of ${coldSize}x${coldSize} from cold (s)`]: cold }),
          dispatches: ours.program.calls.length,
          'memory planned (bytes)': planned,
          'memory naive (bytes)': naive,
          'variables and inputs (bytes)': variables,
        },
      });
    } finally {
      ours.program.destroy();
      for (const run of runs) run.destroy();
    }
  }
}

/** Time from loaded weights and no compiled kernels to the pixels of the first photo. */
async function coldSeconds(openFresh: () => Promise<Gpu>, model: Uint8Array, side: number): Promise<number> {
  const gpu = await openFresh();
  const data = Uint8Array.from({ length: 3 * side * side }, (_, index) => (index * 37) & 127);
  const start = performance.now();
  const enhancer = await Enhancer.create({ model, gpu });
  try {
    await enhancer.run({ data, width: side, height: side, channels: 3 });
    return (performance.now() - start) / 1000;
  } finally {
    await enhancer.dispose();
    gpu.destroy();
  }
}

interface Forward {
  readonly program: Program;
  run(times: number): Promise<void>;
  read(): Promise<Float32Array>;
}

/** The folded network on one image, compiled, with weights and image written. */
export async function compileForward(
  gpu: Gpu,
  { config, weights }: FoldedNetwork,
  image: Float32Array,
  size: number,
): Promise<Forward> {
  const graph = new Graph();
  const input = graph.input('input', [1, 3, size, size]);
  const output: SymbolicTensor = buildNetwork(graph, input, config, { mode: 'folded' }).output;
  const program = await Program.compile(gpu, graph, { fetch: [output] });
  writeState(program, weights);
  program.write(input, image);
  return {
    program,
    async run(times) {
      for (let time = 0; time < times; time++) program.run();
      await finished(gpu);
    },
    read: () => program.read(output),
  };
}

async function prepareOpponents(
  opponents: readonly Opponent[],
  runs: OpponentRun[],
  network: FoldedNetwork,
  image: Float32Array,
  size: number,
  expected: Float32Array,
): Promise<(ReadyOpponent | NoComparison)[]> {
  const ready: (ReadyOpponent | NoComparison)[] = [];
  for (const opponent of opponents) {
    if (!opponent.forward) {
      ready.push({ opponent: opponent.title, problem: 'is measured at single convolutions only' });
      continue;
    }
    const run = await opponent.forward(network, image, size);
    runs.push(run);
    ready.push(await warmUp(opponent, run, expected, TOLERANCE));
  }
  return ready;
}
