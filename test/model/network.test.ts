import { describe, expect, test } from 'vitest';
import { ShapeError } from '../../src/errors';
import type { AdapterTraits, Gpu } from '../../src/gpu/types';
import { adam, adamSchedule, Graph, gradients, lower, mse, Program } from '../../src/graph';
import {
  buildGlobalEncoder,
  buildNetwork,
  foldBatchNorm,
  initialWeights,
  type NetworkConfig,
  networkConfig,
  networkParameters,
  PRESETS,
  writeState,
} from '../../src/model';
import { openTestGpu } from '../support/gpu';
import { randomArray } from '../support/random';
import { expectClose } from '../tolerance';
import { infer, trainedState } from './trained-network';

const ADAM = { beta1: 0.9, beta2: 0.999, eps: 1e-8 };
const tiny = networkConfig({ width: 4, globalWidth: 5 });

/** Multiply-adds of all convolutions for one image. */
async function macs(config: NetworkConfig, side: number): Promise<number> {
  const { traits } = await openTestGpu();
  const graph = new Graph();
  const { output } = buildNetwork(graph, graph.input('input', [1, 3, side, side]), config, {
    mode: 'folded',
  });
  return convolutionFlops(graph, output, traits) / 2;
}

function convolutionFlops(
  graph: Graph,
  output: Parameters<typeof lower>[1][0],
  traits: AdapterTraits,
): number {
  const layers = new Set(
    graph.nodes.filter(({ operator }) => operator.startsWith('conv')).map(({ label }) => label),
  );
  return lower(graph, [output], traits)
    .calls.filter(({ label }) => layers.has(label.replace(/^.*\//, '')))
    .reduce((sum, { flops }) => sum + flops, 0);
}

describe('the network', () => {
  test('has the variables of its weight file, in that order of names', () => {
    const graph = new Graph();
    const { state, parameters, output } = buildNetwork(graph, graph.input('input', [2, 3, 32, 48]), tiny, {
      mode: 'training',
    });
    const specs = networkParameters(tiny);
    expect(state.map(({ name }) => name).sort()).toEqual(specs.map(({ name }) => name).sort());
    expect(parameters.map(({ name }) => name).sort()).toEqual(
      specs.flatMap(({ name, trainable }) => (trainable ? [name] : [])).sort(),
    );
    expect(output.shape).toEqual([2, 3, 32, 48]);
  });

  test.each([
    ['P', 256, 14.032e9],
    ['P', 512, 55.443e9],
    ['A', 256, 14.041e9],
    ['C', 256, 15.249e9],
  ] as const)('join %s takes the multiply-adds of the paper at %d', async (join, side, expected) => {
    expect((await macs(networkConfig({ join }), side)) / expected).toBeCloseTo(1, 3);
  });

  test.each<Partial<NetworkConfig>>([
    { join: 'A' },
    { join: 'C' },
    { outputKernel: 1 },
    { globalSize: 64 },
    { globalEncoder: false },
  ])('%j builds and differentiates', (values) => {
    const graph = new Graph();
    const config = networkConfig({ ...tiny, ...values });
    const { output, parameters } = buildNetwork(graph, graph.input('input', [2, 3, 32, 32]), config, {
      mode: 'training',
    });
    const parameterGradients = gradients(mse(output, graph.input('target', output.shape)), parameters);
    expect(parameterGradients.map(({ shape }) => shape)).toEqual(parameters.map(({ shape }) => shape));
  });

  test.each([[[1, 3, 30, 32] as const], [[1, 3, 32, 8] as const], [[1, 4, 32, 32] as const]])(
    'refuses an image %j',
    (shape) => {
      const graph = new Graph();
      const input = graph.input('input', shape);
      const build = () => buildNetwork(graph, input, tiny, { mode: 'folded' });
      expect(build).toThrow(ShapeError);
      expect(build).toThrow(/multiples of 16/);
    },
  );

  test('has no gradient of the image', () => {
    const graph = new Graph();
    const input = graph.input('input', [2, 3, 32, 32]);
    const { output, parameters } = buildNetwork(graph, input, tiny, { mode: 'training' });
    gradients(mse(output, graph.input('target', output.shape)), parameters);
    const labels = graph.nodes
      .filter((node) => node.operator === 'conv2dInputGradient')
      .map(({ label }) => label);
    expect(labels).not.toContain('local.0.conv1');
    expect(labels).not.toContain('global.0.conv');
    expect(graph.nodes.some(({ operator }) => operator === 'resizeBilinearGradient')).toBe(false);
  });
});

describe('inference', () => {
  const image = Float32Array.from(randomArray(3 * 48 * 32, 7, 0, 1));

  test('folded batch norms give what unfolded ones give', async () => {
    const gpu = await openTestGpu();
    const state = trainedState(tiny);
    const unfolded = await infer(gpu, tiny, 'inference', state, image);
    const folded = await infer(gpu, tiny, 'folded', foldBatchNorm(state, tiny), image);
    expect(Math.max(...unfolded)).toBeGreaterThan(0.1);
    // Twenty layers, each a sum over at most 9 x 128 products.
    expectClose(folded, unfolded, { name: 'folded', reduction: 20 * 9 * 128 });
  });

  test('the global feature computed separately gives the same bits', async () => {
    const gpu = await openTestGpu();
    const state = foldBatchNorm(trainedState(tiny), tiny);
    const whole = await infer(gpu, tiny, 'folded', state, image);

    const globalGraph = new Graph();
    const photo = globalGraph.input('input', [1, 3, 48, 32]);
    const encoder = buildGlobalEncoder(globalGraph, photo, tiny, { mode: 'folded' });
    const globalProgram = await Program.compile(gpu, globalGraph, { fetch: [encoder.output] });
    writeState(globalProgram, state);
    globalProgram.write('input', image);
    globalProgram.run();

    const localGraph = new Graph();
    const input = localGraph.input('input', [1, 3, 48, 32]);
    const global = localGraph.input('global', encoder.output.shape);
    const { output } = buildNetwork(localGraph, input, tiny, { mode: 'folded', global });
    const localProgram = await Program.compile(gpu, localGraph, { fetch: [output] });
    writeState(localProgram, state);
    localProgram.write('input', image);
    localProgram.write('global', await globalProgram.read(encoder.output));
    localProgram.run();
    expect(await localProgram.read(output)).toEqual(whole);
    globalProgram.destroy();
    localProgram.destroy();
  });
});

describe('training', () => {
  /** Smooth rows of different frequencies, between 0 and 0.2. */
  function wavesInTheDark(rows: number, width: number): Float32Array {
    const frequency = randomArray(rows >> 5, 1, 0.05, 0.3);
    return Float32Array.from({ length: rows * width }, (_, index) => {
      const [row, x] = [Math.floor(index / width), index % width];
      return 0.1 + 0.1 * Math.sin(frequency[row >> 5]! * (x + (row % 32)));
    });
  }

  async function overfit(gpu: Gpu, steps: number) {
    const graph = new Graph();
    const input = graph.input('input', [4, 3, 32, 32]);
    const target = graph.input('target', [4, 3, 32, 32]);
    const schedule = graph.input('schedule', [1, 4, 1, 1]);
    const { output, parameters } = buildNetwork(graph, input, tiny, { mode: 'training' });
    const loss = mse(output, target);
    gradients(loss, parameters).forEach((gradient, index) => {
      adam(parameters[index]!, gradient, schedule, ADAM);
    });
    const program = await Program.compile(gpu, graph, { fetch: [loss] });
    for (const [name, { data }] of initialWeights(tiny, 1)) program.write(name, data);
    const dark = wavesInTheDark(4 * 3 * 32, 32);
    program.write('input', dark);
    program.write(
      'target',
      dark.map((value) => Math.sqrt(value)),
    );
    const losses: number[] = [];
    for (let step = 1; step <= steps; step++) {
      program.write('schedule', adamSchedule(0.005, step, ADAM));
      program.run();
      losses.push((await program.read(loss))[0]!);
    }
    const weights = await program.read('local.0.conv1.weight');
    const statistics = await program.read('global.5.bn.running_var');
    program.destroy();
    return { losses, weights, statistics, memory: program.memory };
  }

  test('one batch can be overfitted, and a second training gives the same bits', async () => {
    const gpu = await openTestGpu();
    const first = await overfit(gpu, 30);
    expect(first.losses.at(-1)!).toBeLessThan(first.losses[0]! / 4);
    expect(first.memory.planned).toBeLessThan(0.6 * first.memory.naive);
    const second = await overfit(gpu, 5);
    expect(second.losses).toEqual(first.losses.slice(0, 5));
  });
});

test('presets are valid configurations', () => {
  for (const preset of Object.values(PRESETS)) expect(networkConfig({ ...preset })).toEqual(preset);
});
