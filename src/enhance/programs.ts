import type { Precision } from '../gpu/kernel-call';
import type { Gpu } from '../gpu/types';
import { Graph, Program, type SymbolicTensor } from '../graph';
import { withoutWinograd } from '../kernels/policy';
import type { Tensor } from '../kernels/tensor';
import { forWholePicture, policyOf, withPolicy } from '../kernels/tuned-gpu';
import { buildGlobalEncoder, buildNetwork, type NetworkConfig, writeState } from '../model';
import type { FoldedNetwork } from './folded-network';
import { readFinite } from './precision';

/** In pixels. */
interface WindowSize {
  readonly height: number;
  readonly width: number;
}

function globalGraph(config: NetworkConfig) {
  const graph = new Graph();
  const view = graph.input('view', [1, 3, config.globalSize, config.globalSize]);
  const { output } = buildGlobalEncoder(graph, view, config, { mode: 'folded' });
  return { graph, output };
}

function localGraph(config: NetworkConfig, window: WindowSize) {
  const graph = new Graph();
  const image = graph.input('window', [1, 3, window.height, window.width]);
  const global = config.globalEncoder ? graph.input('global', [1, config.globalWidth, 1, 1]) : undefined;
  const { output } = buildNetwork(graph, image, config, { mode: 'folded', ...(global && { global }) });
  return { graph, image, output };
}

/** Only kernels whose results do not depend on where a tile lies in the picture. */
const forAnyPart = (gpu: Gpu): Gpu => withPolicy(gpu, withoutWinograd(policyOf(gpu)));

/** The compiled global encoder. */
export class GlobalProgram {
  private constructor(
    private readonly program: Program,
    private readonly output: SymbolicTensor,
  ) {}

  static async compile(
    gpu: Gpu,
    { config, weights }: FoldedNetwork,
    precision: Precision = 'f32',
  ): Promise<GlobalProgram> {
    const { graph, output } = globalGraph(config);
    const program = await Program.compile(forWholePicture(gpu), graph, { fetch: [output], precision });
    writeState(program, weights);
    return new GlobalProgram(program, output);
  }

  /** Compiles the pipelines ahead of `compile`. */
  static warmUp(gpu: Gpu, { config }: FoldedNetwork, precision: Precision): Promise<void> {
    const { graph, output } = globalGraph(config);
    return Program.warmUp(forWholePicture(gpu), graph, { fetch: [output], precision });
  }

  /** Device memory in bytes. */
  get bytes(): number {
    return bytesOf(this.program);
  }

  /**
   * @param view the whole photo, dense [1, 3, globalSize, globalSize].
   * @param check called between submits; throws to stop.
   * @returns the feature, [1, globalWidth, 1, 1].
   */
  async run(view: Float32Array, check?: () => void): Promise<Float32Array> {
    this.program.write('view', view);
    await this.program.runPaced(check);
    return readFinite(this.program, this.output);
  }

  destroy(): void {
    this.program.destroy();
  }
}

/** The local encoder, join and decoder, compiled for windows of one size. */
export class LocalProgram {
  private constructor(
    private readonly program: Program,
    private readonly input: SymbolicTensor,
    private readonly output: SymbolicTensor,
    readonly windowPixels: number,
  ) {}

  /** @throws {MemoryError} when the device cannot hold windows of this size. */
  static async compile(
    gpu: Gpu,
    { config, weights }: FoldedNetwork,
    window: WindowSize,
    precision: Precision = 'f32',
  ): Promise<LocalProgram> {
    const { graph, image, output } = localGraph(config, window);
    const program = await Program.compile(forAnyPart(gpu), graph, { fetch: [output], precision });
    writeState(program, weights);
    return new LocalProgram(program, image, output, window.height * window.width);
  }

  /** Compiles the pipelines ahead of `compile`. */
  static warmUp(
    gpu: Gpu,
    { config }: FoldedNetwork,
    window: WindowSize,
    precision: Precision,
  ): Promise<void> {
    const { graph, output } = localGraph(config, window);
    return Program.warmUp(forAnyPart(gpu), graph, { fetch: [output], precision });
  }

  /** Device memory in bytes. */
  get bytes(): number {
    return bytesOf(this.program);
  }

  /** The window [1, 3, height, width] on the device, and the network's output for it. */
  get window(): Tensor<GPUBuffer> {
    return this.program.at(this.input);
  }

  get enhanced(): Tensor<GPUBuffer> {
    return this.program.at(this.output);
  }

  /** Queues the path for the window already on the device. */
  runInPlace(feature: Float32Array | undefined, check: () => void): Promise<void> {
    if (feature) this.program.write('global', feature);
    return this.program.runPaced(check);
  }

  /**
   * @param window dense [1, 3, height, width].
   * @param feature the result of `GlobalProgram.run` for the whole photo.
   * @param check called between submits; throws to stop.
   * @returns the enhanced window, of the same shape, not clipped.
   */
  async run(
    window: Float32Array,
    feature: Float32Array | undefined,
    check?: () => void,
  ): Promise<Float32Array> {
    this.program.write('window', window);
    if (feature) this.program.write('global', feature);
    await this.program.runPaced(check);
    return readFinite(this.program, this.output);
  }

  destroy(): void {
    this.program.destroy();
  }
}

const bytesOf = ({ memory }: Program): number => memory.planned + memory.variables;
