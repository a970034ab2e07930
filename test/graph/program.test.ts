import { describe, expect, test } from 'vitest';
import { DeviceLostError, GraphError, MemoryError, ShapeError } from '../../src/errors';
import { openNodeGpu } from '../../src/gpu/node/dawn';
import type { Gpu } from '../../src/gpu/types';
import {
  adam,
  adamSchedule,
  batchNorm,
  conv2d,
  Graph,
  gradients,
  lower,
  mse,
  Program,
  relu,
} from '../../src/graph';
import { assignBuffers } from '../../src/graph/memory';
import { openTestGpu } from '../support/gpu';
import { randomArray } from '../support/random';

const same = { stride: 1, padding: 1 };
const ADAM = { beta1: 0.9, beta2: 0.999, eps: 1e-8 };

/** Two convolutions with a batch norm between, trained by Adam. */
function trainingGraph() {
  const graph = new Graph();
  const x = graph.input('x', [2, 3, 6, 5]);
  const target = graph.input('target', [2, 3, 6, 5]);
  const schedule = graph.input('schedule', [1, 4, 1, 1]);
  const weight = (name: string, o: number, i: number, seed: number) =>
    graph.variable(name, [o, i, 3, 3], 'weight', randomArray(o * i * 9, seed));
  const vector = (name: string, value: number) =>
    graph.variable(name, [1, 5, 1, 1], 'activation', new Float32Array(5).fill(value));
  const first = weight('first.weight', 5, 3, 1);
  const second = weight('second.weight', 3, 5, 2);
  const gamma = vector('bn.weight', 1);
  const beta = vector('bn.bias', 0);
  const running = { runningMean: vector('bn.running_mean', 0), runningVariance: vector('bn.running_var', 1) };
  const norm = { mode: 'training', eps: 1e-5, momentum: 0.1, relu: true } as const;
  const hidden = batchNorm(conv2d(x, first, same), { gamma, beta, ...running }, norm);
  const output = conv2d(hidden, second, same);
  const loss = mse(output, target);
  const parameters = [first, gamma, beta, second];
  const parameterGradients = gradients(loss, parameters);
  parameters.forEach((parameter, index) => {
    adam(parameter, parameterGradients[index]!, schedule, ADAM);
  });
  return { graph, output, loss };
}

/** Runs steps from the initial values; returns the losses and all variables after them. */
async function train(gpu: Gpu, steps: number): Promise<{ losses: number[]; variables: Float32Array[] }> {
  const { graph, loss } = trainingGraph();
  const program = await Program.compile(gpu, graph, { fetch: [loss] });
  try {
    program.write('x', randomArray(180, 3));
    program.write('target', randomArray(180, 4));
    const losses: number[] = [];
    for (let step = 1; step <= steps; step++) {
      program.write('schedule', adamSchedule(0.01, step, ADAM));
      program.run();
      losses.push((await program.read(loss))[0]!);
    }
    return { losses, variables: await Promise.all(program.variables.map((v) => program.read(v))) };
  } finally {
    program.destroy();
  }
}

describe('Program', () => {
  test('trains: the loss falls, and two trainings agree to the bit', async () => {
    const gpu = await openTestGpu();
    const [a, b] = [await train(gpu, 20), await train(gpu, 20)];
    expect(a.losses.at(-1)!).toBeLessThan(a.losses[0]! / 2);
    expect(b).toEqual(a);
  });

  test('writes and reads dense values of odd shapes, by name and by tensor', async () => {
    const graph = new Graph();
    const x = graph.input('x', [2, 5, 3, 7]);
    const w = graph.variable('w', [3, 5, 1, 3], 'weight');
    const y = conv2d(x, w, { stride: 1, padding: 0 });
    const program = await Program.compile(await openTestGpu(), graph, { fetch: [y] });
    const [xs, ws] = [Float32Array.from(randomArray(210, 1)), Float32Array.from(randomArray(45, 2))];
    program.write('x', xs);
    program.write(w, ws);
    expect(await program.read(x)).toEqual(xs);
    expect(await program.read('w')).toEqual(ws);
    program.destroy();
  });

  test('variables start at zero or at their initial values', async () => {
    const graph = new Graph();
    const zero = graph.variable('zero', [1, 5, 1, 1]);
    const given = graph.variable('given', [1, 3, 1, 1], 'activation', [1, 2, 3]);
    const program = await Program.compile(await openTestGpu(), graph, { fetch: [zero, given] });
    expect([...(await program.read(zero))]).toEqual([0, 0, 0, 0, 0]);
    expect([...(await program.read(given))]).toEqual([1, 2, 3]);
    program.destroy();
  });

  test('refuses tensors that it does not keep, with the remedy', async () => {
    const graph = new Graph();
    const x = graph.input('x', [1, 4, 2, 2]);
    const unused = graph.variable('unused', [1, 4, 2, 2]);
    const y = relu(x);
    const z = relu(y);
    const program = await Program.compile(await openTestGpu(), graph, { fetch: [z] });
    await expect(program.read(y)).rejects.toThrow(/x\.relu.*Add it to `fetch`/);
    await expect(program.read('nothing')).rejects.toThrow(GraphError);
    expect(() => program.write(unused, new Float32Array(16))).toThrow(GraphError);
    expect(() => program.write(z, new Float32Array(16))).toThrow(GraphError);
    expect(() => program.write(x, new Float32Array(15))).toThrow(ShapeError);
    program.destroy();
  });

  test('names the tensor that exceeds the limits of the device in advance', async () => {
    const gpu = await openTestGpu();
    const limits = { ...gpu.traits.limits, maxStorageBufferBindingSize: 1 << 20 };
    const small: Gpu = { ...gpu, traits: { ...gpu.traits, limits } };
    const graph = new Graph();
    const y = relu(graph.input('photo', [1, 4, 512, 512]));
    const compile = Program.compile(small, graph, { fetch: [y] });
    await expect(compile).rejects.toThrow(MemoryError);
    await expect(compile).rejects.toThrow(/photo \[1, 4, 512, 512\] takes 4 MiB.*at most 1 MiB/);
  });

  test('a lost device rejects the read', async () => {
    const gpu = await openNodeGpu();
    const graph = new Graph();
    const y = relu(graph.input('x', [1, 4, 2, 2]));
    const program = await Program.compile(gpu, graph, { fetch: [y] });
    gpu.destroy();
    await expect(program.read(y)).rejects.toThrow(DeviceLostError);
  });
});

describe('lower', () => {
  test('leaves out what neither a fetched tensor nor an update needs', async () => {
    const { traits } = await openTestGpu();
    const graph = new Graph();
    const x = graph.input('x', [1, 4, 2, 2]);
    const wanted = relu(x);
    relu(wanted, { label: 'unwanted' });
    expect(lower(graph, [wanted], traits).calls).toHaveLength(1);
  });

  test('keeps updates though nothing is fetched', async () => {
    const { traits } = await openTestGpu();
    const { graph } = trainingGraph();
    const { calls } = lower(graph, [], traits);
    expect(calls.filter(({ kernel }) => kernel.name === 'adam')).toHaveLength(4);
  });
});

describe('memory of a training graph', () => {
  test('no dispatch finds two values in one buffer; the plan takes less than one buffer per value', async () => {
    const { traits } = await openTestGpu();
    const { graph, loss } = trainingGraph();
    const lowered = lower(graph, [loss], traits);
    const { bufferOf, sizes, memory } = assignBuffers(lowered);
    for (const { bindings } of lowered.calls) {
      const values = new Set(bindings);
      expect(new Set([...values].map((value) => bufferOf[value])).size).toBe(values.size);
    }
    lowered.values.forEach(({ bytes }, value) => {
      expect(sizes[bufferOf[value]!]!.bytes).toBeGreaterThanOrEqual(bytes);
    });
    expect(memory.planned).toBeLessThan(memory.naive);
  });
});
