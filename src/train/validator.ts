import { psnr } from '../eval/metrics/psnr';
import type { Gpu } from '../gpu/types';
import { Graph, Program, type SymbolicTensor } from '../graph';
import type { ModelConfig } from '../model/model-config';
import type { StateDict } from '../model/state-dict';
import { trainable } from '../model/trainable';
import { writeState } from '../model/weights';
import { type PairPixels, toBytes, toPlanes } from './batch';

interface Compiled {
  readonly program: Program;
  readonly output: SymbolicTensor;
}

export type SeeOutput = (output: Uint8Array, pair: PairPixels) => void;

/** Measures weights on fixed pairs, using running statistics, one image at a time. */
export class Validator {
  #compiled: Promise<Compiled> | undefined;

  /** @param size side of the images in pixels. */
  constructor(
    private readonly gpu: Gpu,
    private readonly network: ModelConfig,
    private readonly size: number,
  ) {}

  /**
   * Mean over the pairs of the PSNR in dB between target and output, both in 8 bits.
   * @param see receives each output as it is computed, interleaved RGB.
   */
  async meanPsnr(weights: StateDict, pairs: readonly PairPixels[], see?: SeeOutput): Promise<number> {
    this.#compiled ??= this.#compile();
    const { program, output } = await this.#compiled;
    writeState(program, weights);
    let sum = 0;
    for (const pair of pairs) {
      program.write('input', toPlanes([pair.input]));
      program.run();
      const made = toBytes(await program.read(output));
      sum += psnr(made, pair.target);
      see?.(made, pair);
    }
    return sum / pairs.length;
  }

  async #compile(): Promise<Compiled> {
    const graph = new Graph();
    const input = graph.input('input', [1, 3, this.size, this.size]);
    const { output } = trainable(this.network).build(graph, input, 'inference');
    return { program: await Program.compile(this.gpu, graph, { fetch: [output] }), output };
  }

  destroy(): void {
    this.#compiled?.then(({ program }) => program.destroy()).catch(() => {});
  }
}
