import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ShapeError } from '../../src/errors';
import { Graph, gradients, mae, Program, type SymbolicTensor } from '../../src/graph';
import { type DrhtConfig, drhtConfig } from '../../src/model/drht/config';
import { initialDrhtWeights } from '../../src/model/drht/initialise';
import { drhtParameters } from '../../src/model/drht/layers';
import { buildDrht, buildDrhtToneMapper } from '../../src/model/drht/network';
import type { StateDict, StateTensor } from '../../src/model/state-dict';
import { writeState } from '../../src/model/weights';
import * as reference from '../reference';
import { openTestGpu } from '../support/gpu';
import { randomArray, randomDense } from '../support/random';
import { FORMULA_SIDE, formulaLayers, formulaLight } from './drht-formula';

/** Weights of the second network by the formula, shifts zero. */
function formulaState(config: DrhtConfig): StateDict {
  return new Map(
    formulaLayers(config).flatMap(({ layer, weight }): [string, StateTensor][] => [
      [`${layer.name}.weight`, { shape: weight.shape, data: Float32Array.from(weight.data) }],
      [`${layer.norm}.bias`, { shape: [layer.outputs], data: new Float32Array(layer.outputs) }],
    ]),
  );
}

async function run(graph: Graph, output: SymbolicTensor, state: StateDict, input: reference.Dense) {
  const program = await Program.compile(await openTestGpu(), graph, { fetch: [output] });
  writeState(program, state);
  program.write('input', input.data);
  program.run();
  const result = await program.read(output);
  program.destroy();
  return result;
}

function toneMap(width: number): Promise<Float32Array> {
  const config = drhtConfig({ width });
  const graph = new Graph();
  const light = graph.input('input', [1, 3, FORMULA_SIDE, FORMULA_SIDE]);
  const { output } = buildDrhtToneMapper(graph, light, config);
  return run(graph, output, formulaState(config), formulaLight());
}

/** Rows, column, channel and value. */
type Sample = readonly [number, number, number, number];

interface DrhtGolden {
  readonly mean: number;
  readonly std: number;
  readonly samples_yxc: readonly Sample[];
}

function expectSamples(got: ArrayLike<number>, samples: readonly Sample[], within: number): void {
  for (const [y, x, c, value] of samples) {
    expect(Math.abs(got[(c * FORMULA_SIDE + y) * FORMULA_SIDE + x]! - value)).toBeLessThan(within);
  }
}

/** Results of the float64 oracle for width 4. */
const OWN: readonly Sample[] = [
  [0, 0, 0, -0.5497807828307267],
  [0, 0, 2, -0.32859711113227075],
  [31, 17, 1, 0.5644737264072051],
  [63, 63, 0, -0.5813895662231211],
  [10, 50, 2, 0.2665227912131617],
];

const GOLDEN = new URL('../../../shared/reference/golden/golden.json', import.meta.url);
const golden = (width: number): DrhtGolden =>
  JSON.parse(readFileSync(GOLDEN, 'utf8')).drht_formula_weights[`width_div_${64 / width}`];

describe('the second network with weights by a formula', () => {
  test('the oracle gives its recorded numbers, and the device agrees', async () => {
    const config = drhtConfig({ width: 4 });
    const wanted = reference.drhtToneMapper(
      formulaLight(),
      new Map(
        formulaLayers(config).flatMap(({ layer, weight }): [string, reference.Dense][] => [
          [`${layer.name}.weight`, weight],
          [`${layer.norm}.bias`, reference.zeros([1, layer.outputs, 1, 1])],
        ]),
      ),
    );
    expectSamples(wanted.data, OWN, 1e-9);
    const got = await toneMap(4);
    const errors = got.map((value, i) => Math.abs(value - wanted.data[i]!));
    expect(Math.max(...errors)).toBeLessThan(1e-4);
  });

  test.skipIf(!existsSync(GOLDEN))('the oracle agrees with an implementation by others', () => {
    const config = drhtConfig({ width: 8 });
    const state = new Map(
      formulaLayers(config).flatMap(({ layer, weight }): [string, reference.Dense][] => [
        [`${layer.name}.weight`, weight],
        [`${layer.norm}.bias`, reference.zeros([1, layer.outputs, 1, 1])],
      ]),
    );
    const { data } = reference.drhtToneMapper(formulaLight(), state);
    const { mean, samples_yxc } = golden(8);
    expectSamples(data, samples_yxc, 1e-6);
    expect(data.reduce((sum, value) => sum + value, 0) / data.length).toBeCloseTo(mean, 6);
  });

  test.skipIf(!existsSync(GOLDEN)).each([8, 64])('the device does too at width %d', async (width) => {
    const got = await toneMap(width);
    const { mean, samples_yxc } = golden(width);
    expectSamples(got, samples_yxc, 1e-3);
    expect(Math.abs(got.reduce((sum, value) => sum + value, 0) / got.length - mean)).toBeLessThan(1e-3);
  });
});

describe('both networks', () => {
  const config = drhtConfig({ width: 2 });

  test('agree with the oracle, with weights as after some training', async () => {
    let seed = 20;
    const ranges: Record<string, [number, number]> = {
      running_mean: [-0.5, 0.5],
      running_var: [0.5, 2],
      weight: [0.5, 1.5],
      bias: [-0.5, 0.5],
    };
    const state: StateDict = new Map(
      [...initialDrhtWeights(config, 3)].map(([name, { shape, data }]) => {
        const [low, high] = ranges[name.replace(/^.*\./, '')]!;
        // Sums of logarithms are kept small, or light would be of 50 stops.
        const weights = name.endsWith('.fuse.weight') ? data.map((value) => 0.3 * value) : data;
        const values = shape.length === 1 ? randomArray(data.length, seed++, low, high) : weights;
        return [name, { shape, data: Float32Array.from(values) }];
      }),
    );
    // Every third value is clipped.
    const photo = randomDense([1, 3, 64, 96], 'photo', 0, 1.5);
    const x = { ...photo, data: photo.data.map((value) => Math.fround(Math.min(value, 1))) };
    const graph = new Graph();
    const { output } = buildDrht(graph, graph.input('input', x.shape), config, { mode: 'inference' });
    const got = await run(graph, output, state, x);
    const wanted = reference.drht(x, state).data;
    const errors = got.map((value, i) => Math.abs(value - wanted[i]!));
    expect(Math.max(...errors)).toBeLessThan(1e-3);
    expect(Math.max(...wanted) - Math.min(...wanted)).toBeGreaterThan(1);
  });

  test('have the variables of their weight file, and all that are trained have a gradient', () => {
    const graph = new Graph();
    const { output, parameters, state } = buildDrht(graph, graph.input('input', [2, 3, 64, 64]), config, {
      mode: 'training',
    });
    expect(output.shape).toEqual([2, 3, 64, 64]);
    const specs = drhtParameters(config);
    expect(state.map(({ name }) => name).sort()).toEqual(specs.map(({ name }) => name).sort());
    const parameterGradients = gradients(mae(output, graph.input('target', output.shape)), parameters);
    expect(parameterGradients.map(({ shape }) => shape)).toEqual(parameters.map(({ shape }) => shape));
  });

  test('start near the linear light of the photo itself', () => {
    const photo = randomDense([1, 3, 32, 32], 'photo', 0, 1);
    const light = reference.drhtLight(photo, initialDrhtWeights(config, 1));
    const error = light.data.map((value, i) => Math.abs(value - photo.data[i]! ** 2));
    const unclipped = [...error].filter((_, i) => {
      const at = i % 1024;
      return Math.max(photo.data[at]!, photo.data[1024 + at]!, photo.data[2048 + at]!) <= 0.95;
    });
    expect(Math.max(...unclipped)).toBeLessThan(1e-12);
  });

  test('have as many weights as published, biases before norms aside', () => {
    const ldr = drhtParameters(drhtConfig()).filter(({ name }) => name.startsWith('ldr.'));
    const count = (pattern: RegExp) =>
      ldr
        .filter(({ name }) => pattern.test(name))
        .reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
    const shifts = count(/\.bias$/);
    expect(shifts).toBe(2_051);
    // A released convolution has a bias for each shift.
    expect(count(/\.weight$/) + shifts).toBe(4_942_211);
  });

  test.each([
    [1, 3, 48, 64],
    [1, 1, 64, 64],
  ] as const)('refuse an image of %d x %d x %d x %d', (...shape) => {
    const graph = new Graph();
    expect(() => buildDrht(graph, graph.input('input', shape), config, { mode: 'inference' })).toThrow(
      ShapeError,
    );
  });
});

test('a configuration of DRHT has a kind and a width', () => {
  expect(drhtConfig()).toEqual({ kind: 'drht', width: 64 });
  expect(() => drhtConfig({ width: 0 })).toThrow(/width = 0/);
  expect(() => drhtConfig({ globalWidth: 3 })).toThrow(/no "globalWidth"/);
});
