import { ShaderError } from '../../src/errors';
import { describe } from '../../src/gpu/device';
import { PipelineCache } from '../../src/gpu/pipeline';
import type { Gpu } from '../../src/gpu/types';
import { Graph, mse, Program } from '../../src/graph';
import {
  buildNetwork,
  foldBatchNorm,
  initialWeights,
  networkConfig,
  type StateDict,
  writeState,
} from '../../src/model';
import { randomArray } from '../support/random';

/** The checks for every implementation of WebGPU: Node, Chrome and Firefox. */

const SHADERS: Readonly<Record<string, string>> = import.meta.glob('../../shaders/**/*.wgsl', {
  query: '?raw',
  import: 'default',
  eager: true,
});

/** Features that a shader's `enable` lines name. */
const FEATURES: Readonly<Record<string, GPUFeatureName>> = { subgroups: 'subgroups', f16: 'shader-f16' };

/** Compiles every shader file unmodified. `skipped`: the device lacks a feature that the file enables. */
export async function compileShaders(
  gpu: Gpu,
): Promise<{ taken: string[]; refused: string[]; skipped: string[] }> {
  const result = { taken: [] as string[], refused: [] as string[], skipped: [] as string[] };
  for (const [path, code] of Object.entries(SHADERS)) {
    const name = path.replace(/^.*shaders\//, '');
    const enabled = [...code.matchAll(/^enable (\w+);/gm)].map(([, extension]) => FEATURES[extension!]!);
    const missing = enabled.find((feature) => !gpu.device.features.has(feature));
    if (missing) {
      result.skipped.push(`${name}: ${missing}`);
      continue;
    }
    try {
      const entryPoints = [...code.matchAll(/@compute[^{]*?\bfn (\w+)\(/g)].map(
        ([, entryPoint]) => entryPoint!,
      );
      for (const entryPoint of entryPoints) await PipelineCache.of(gpu).get({ name, code, entryPoint }, {});
      result.taken.push(name);
    } catch (error) {
      if (!(error instanceof ShaderError)) throw error;
      result.refused.push(error.message);
    }
  }
  return result;
}

/** The results of a small network. */
export interface NetworkRun {
  readonly adapter: string;
  /** The enhanced image. */
  readonly output: number[];
  /** Loss of a batch of two, with the batch's own statistics. */
  readonly loss: number;
}

const CONFIG = networkConfig({ width: 8, globalWidth: 16, globalSize: 64 });
const SIDE = { height: 48, width: 80 };

export async function runNetwork(gpu: Gpu): Promise<NetworkRun> {
  const state = initialWeights(CONFIG, 5, { outputScale: 1 });
  return {
    adapter: describe(gpu.traits),
    output: await enhanced(gpu, state),
    loss: await lossOf(gpu, state),
  };
}

const image = (count: number, seed: string) => randomArray(3 * count * SIDE.height * SIDE.width, seed, 0, 1);

async function enhanced(gpu: Gpu, state: StateDict): Promise<number[]> {
  const graph = new Graph();
  const input = graph.input('input', [1, 3, SIDE.height, SIDE.width]);
  const { output } = buildNetwork(graph, input, CONFIG, { mode: 'folded' });
  const program = await Program.compile(gpu, graph, { fetch: [output] });
  writeState(program, foldBatchNorm(state, CONFIG));
  program.write('input', image(1, 'input'));
  program.run();
  const result = await program.read(output);
  program.destroy();
  return [...result];
}

async function lossOf(gpu: Gpu, state: StateDict): Promise<number> {
  const graph = new Graph();
  const input = graph.input('input', [2, 3, SIDE.height, SIDE.width]);
  const target = graph.input('target', input.shape);
  const { output } = buildNetwork(graph, input, CONFIG, { mode: 'training' });
  const loss = mse(output, target);
  const program = await Program.compile(gpu, graph, { fetch: [loss] });
  writeState(program, state);
  program.write('input', image(2, 'input'));
  program.write('target', image(2, 'target'));
  program.run();
  const [value] = await program.read(loss);
  program.destroy();
  return value!;
}
