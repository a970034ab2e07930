import { describe, expect, test } from 'vitest';
import { ShapeError } from '../../src/errors';
import { Graph, Program } from '../../src/graph';
import { foldBatchNorm, writeState } from '../../src/model';
import { bilateralConfig } from '../../src/model/bilateral/config';
import { initialBilateralWeights } from '../../src/model/bilateral/initialise';
import { buildBilateral } from '../../src/model/bilateral/network';
import type { NetworkMode } from '../../src/model/layer-builder';
import { modelConfig, modelParameters } from '../../src/model/model-config';
import type { StateDict } from '../../src/model/state-dict';
import { decodeWeights, encodeWeights } from '../../src/model/weights';
import * as reference from '../reference';
import { openTestGpu } from '../support/gpu';
import { randomArray, randomDense } from '../support/random';
import { expectClose } from '../tolerance';

const small = bilateralConfig({ width: 4, viewSize: 32, gridSize: 8, levels: 4, guideWidth: 5 });

/** Initial weights with running statistics and norms that are not trivial. */
function someWeights(): StateDict {
  return new Map(
    [...initialBilateralWeights(small, 1)].map(([name, { shape, data }]) => {
      const [low, high] = /running_var|bn\.weight/.test(name) ? [0.5, 1.5] : [-0.1, 0.1];
      const noise = randomArray(data.length, name, low, high);
      const base = /running_var|bn\.weight/.test(name) ? 0 : 1;
      return [name, { shape, data: data.map((value, at) => base * value + noise[at]!) }] as const;
    }),
  );
}

async function infer(state: StateDict, mode: NetworkMode, photo: reference.Dense): Promise<Float32Array> {
  const gpu = await openTestGpu();
  const graph = new Graph();
  const input = graph.input('photo', photo.shape);
  const { output } = buildBilateral(graph, input, small, { mode });
  const program = await Program.compile(gpu, graph, { fetch: [output] });
  try {
    writeState(program, mode === 'folded' ? foldBatchNorm(state, small) : state);
    program.write('photo', photo.data);
    program.run();
    return await program.read(output);
  } finally {
    program.destroy();
  }
}

/** The network in the oracle's operators, layer by layer, following docs/weights.md. */
function oracle(state: StateDict, photo: reference.Dense): reference.Dense {
  const tensor = (name: string) => {
    const { shape, data } = state.get(name)!;
    const [a, b, c, d] = shape;
    return reference.dense(b === undefined ? [1, a!, 1, 1] : [a!, b, c!, d!], data);
  };
  const conv = (x: reference.Dense, name: string, stride: number, padding: number) =>
    reference.conv2d(
      x,
      tensor(`${name}.weight`),
      state.has(`${name}.bias`) ? tensor(`${name}.bias`) : undefined,
      {
        stride,
        padding,
      },
    );
  const block = (x: reference.Dense, name: string, stride: number) =>
    reference.relu(
      reference.batchNormInference(
        conv(x, `${name}.conv`, stride, 1),
        {
          gamma: tensor(`${name}.bn.weight`),
          beta: tensor(`${name}.bn.bias`),
          runningMean: tensor(`${name}.bn.running_mean`),
          runningVariance: tensor(`${name}.bn.running_var`),
        },
        1e-5,
      ),
    );
  const root = (x: reference.Dense): reference.Dense => ({
    ...x,
    data: Float64Array.from(x.data, Math.sqrt),
  });
  const view = root(reference.resizeBilinear(photo, 32, 32));
  const shared = [2, 2, 1, 1, 1].reduce((x, stride, k) => block(x, `local.${k}`, stride), view);
  const local = conv(block(shared, 'local.5', 1), 'local.6', 1, 1);
  const global = conv(reference.relu(conv(block(shared, 'global.0', 2), 'global.1', 1, 0)), 'global.2', 1, 0);
  const joined = reference.relu(reference.add(local, reference.replicate(global, 8, 8)));
  const colours = root(photo);
  const guide = conv(reference.relu(conv(colours, 'guide.0', 1, 0)), 'guide.1', 1, 0);
  return reference.relu(reference.bilateralSlice(conv(joined, 'head', 1, 0), guide, colours));
}

describe('the bilateral-grid network', () => {
  test('agrees with the oracle for the same weights, folded or not', async () => {
    const state = someWeights();
    const photo = randomDense([2, 3, 64, 64], 1, 0, 1);
    const want = oracle(state, photo).data;
    for (const mode of ['inference', 'folded'] as const) {
      expectClose(await infer(state, mode, photo), want, { name: mode, reduction: 20_000 });
    }
  });

  test('enlarges photos smaller than its view', async () => {
    const state = someWeights();
    const photo = randomDense([1, 3, 16, 16], 1, 0, 1);
    const made = await infer(state, 'inference', photo);
    expectClose(made, oracle(state, photo).data, { name: 'output', reduction: 20_000 });
  });

  test('starts as a gain, whatever the photo', async () => {
    const photo = randomDense([1, 3, 32, 32], 2, 0, 0.25);
    const made = await infer(initialBilateralWeights(small, 3), 'inference', photo);
    const ratios = made.map((value, at) => value / Math.sqrt(photo.data[at]!)).sort();
    expect(ratios[ratios.length >> 1]).toBeGreaterThan(1);
    expect(ratios[ratios.length >> 1]).toBeLessThan(2.2);
  });

  test('goes through a weight file, with PyTorch’s shapes', () => {
    const state = initialBilateralWeights(small, 1);
    const { config, state: read } = decodeWeights(encodeWeights(state, small), 'file');
    expect(config).toEqual(small);
    expect([...read.keys()]).toEqual(modelParameters(small).map(({ name }) => name));
    expect(read.get('guide.1.weight')!.shape).toEqual([1, 5, 1, 1]);
  });

  test('has 331 thousand parameters as it comes', () => {
    const count = modelParameters(modelConfig({ kind: 'bilateral-grid' }))
      .filter(({ trainable }) => trainable)
      .reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b), 0);
    expect(count).toBe(330_945);
  });

  test('refuses photos that are not a power of two times the view, and odd configurations', () => {
    const graph = new Graph();
    const build = (name: string, height: number, width: number) =>
      buildBilateral(graph, graph.input(name, [1, 3, height, width]), small, { mode: 'training' });
    for (const [height, width] of [
      [24, 24],
      [96, 96],
      [64, 32],
    ] as const) {
      expect(() => build(`${height}x${width}`, height, width)).toThrow(ShapeError);
    }
    expect(() => bilateralConfig({ levels: 6 })).toThrow(/levels = 6; expected a positive multiple of 4/);
    expect(() => bilateralConfig({ gridSize: 8 })).toThrow(/viewSize = 128; expected 4 or 8 times gridSize/);
  });
});
