import type { Gpu } from '../../src/gpu/types';
import { Graph, Program } from '../../src/graph';
import {
  buildNetwork,
  initialWeights,
  type NetworkConfig,
  type NetworkMode,
  type StateDict,
  writeState,
} from '../../src/model';
import { randomArray } from '../support/random';

/** Running statistics and batch norms as after some training: nothing has its neutral value. */
export function trainedState(config: NetworkConfig): StateDict {
  let seed = 50;
  const ranges: Record<string, [number, number]> = {
    running_mean: [-0.5, 0.5],
    running_var: [0.5, 2],
    weight: [0.5, 1.5],
    bias: [-0.5, 0.5],
  };
  return new Map(
    [...initialWeights(config, 3)].map(([name, { shape, data }]) => {
      const [low, high] = ranges[name.replace(/^.*\./, '')]!;
      const values =
        shape.length === 1 ? Float32Array.from(randomArray(data.length, seed++, low, high)) : data;
      return [name, { shape, data: values }];
    }),
  );
}

/** The output for an image [1, 3, 48, 32]. */
export async function infer(
  gpu: Gpu,
  config: NetworkConfig,
  mode: NetworkMode,
  state: StateDict,
  image: Float32Array,
): Promise<Float32Array> {
  const graph = new Graph();
  const { output } = buildNetwork(graph, graph.input('input', [1, 3, 48, 32]), config, { mode });
  const program = await Program.compile(gpu, graph, { fetch: [output] });
  writeState(program, state);
  program.write('input', image);
  program.run();
  const result = await program.read(output);
  program.destroy();
  return result;
}
