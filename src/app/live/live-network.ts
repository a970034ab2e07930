import frameCode from '../../../shaders/live_frame.wgsl?raw';
import type { FoldedNetwork } from '../../enhance/folded-network';
import { MemoryError } from '../../errors';
import { createStorageBuffers, upload } from '../../gpu/buffers';
import { type CommandList, record } from '../../gpu/command-list';
import { setConstants } from '../../gpu/shader-constants';
import type { Gpu } from '../../gpu/types';
import { Graph, Program } from '../../graph';
import {
  bilateralEnhance,
  encodeSettings,
  encodeUnits,
  SETTINGS_BYTES,
} from '../../kernels/bilateral-enhance';
import { PROFILE_BYTES } from '../../kernels/photo-profile';
import { forWholePicture, policyOf } from '../../kernels/tuned-gpu';
import { writeState } from '../../model';
import type { BilateralConfig } from '../../model/bilateral/config';
import { buildBilateralGrid } from '../../model/bilateral/network';
import type { ShownFrame } from './screen';

/** The struct `Frame` of the shaders. */
const FRAME_BYTES = 16;

/** How far the view moves towards a new frame. Larger values follow faster and flicker more. */
const FOLLOW_RATE = 0.5;

const WORKGROUP = 8;

interface FrameSize {
  readonly width: number;
  readonly height: number;
}

/** Brings a frame to the device and into the network's view. */
interface FramePasses {
  readonly canvas: OffscreenCanvas;
  readonly texture: GPUTexture;
  readonly load: GPUComputePipeline;
  readonly loadBindings: GPUBindGroup;
  readonly makeView: GPUComputePipeline;
  readonly viewBindings: GPUBindGroup;
}

/** Resources reused for every frame. */
interface Parts extends FramePasses {
  readonly program: Program;
  readonly list: CommandList;
  readonly frame: GPUBuffer;
  readonly photo: GPUBuffer;
  readonly result: GPUBuffer;
  readonly settings: GPUBuffer;
  readonly owned: readonly GPUBuffer[];
}

/**
 * The bilateral-grid network for video frames. Allocates no device memory per frame. Frames come through a 2D canvas,
 * which scales them: browsers without a GPU refuse to import or copy a video frame directly.
 */
export class LiveNetwork {
  #isFirst = true;

  private constructor(
    private readonly gpu: Gpu,
    private readonly network: FoldedNetwork<BilateralConfig>,
    readonly size: FrameSize,
    private readonly parts: Parts,
  ) {}

  /**
   * @param size of the drawn frames; no side may be smaller than the network's view.
   * @throws {MemoryError} when the device has no memory for frames of this size.
   */
  static async create(
    gpu: Gpu,
    network: FoldedNetwork<BilateralConfig>,
    size: FrameSize,
  ): Promise<LiveNetwork> {
    return new LiveNetwork(gpu, network, size, await makeParts(gpu, network, size));
  }

  /** The frame that `enhance` works on, for display. */
  get frame(): ShownFrame {
    const { photo, result, canvas } = this.parts;
    return { ...this.size, photo, result, canvas };
  }

  /** Queues the video's current frame. @param strength 0..1 */
  enhance(video: HTMLVideoElement, strength: number): void {
    const { gpu, parts, size } = this;
    const { device } = gpu;
    const { program, list, load, makeView, canvas, texture } = parts;
    const { width, height } = size;
    this.#writeSettings(strength);
    canvas.getContext('2d')?.drawImage(video, 0, 0, width, height);
    device.queue.copyExternalImageToTexture({ source: canvas }, { texture }, [width, height]);
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(load);
    pass.setBindGroup(0, parts.loadBindings);
    pass.dispatchWorkgroups(Math.ceil(width / WORKGROUP), Math.ceil(height / WORKGROUP));
    pass.setPipeline(makeView);
    pass.setBindGroup(0, parts.viewBindings);
    const groups = this.network.config.viewSize / WORKGROUP;
    pass.dispatchWorkgroups(groups, groups);
    pass.end();
    device.queue.submit([encoder.finish()]);
    program.run();
    list.submit();
  }

  destroy(): void {
    this.parts.list.destroy();
    this.parts.program.destroy();
    for (const buffer of this.parts.owned) buffer.destroy();
    this.parts.texture.destroy();
  }

  #writeSettings(strength: number): void {
    const { gpu, network, parts, size } = this;
    const frame = new DataView(new ArrayBuffer(FRAME_BYTES));
    frame.setUint32(0, size.width, true);
    frame.setUint32(4, size.height, true);
    frame.setFloat32(8, this.#isFirst ? 1 : FOLLOW_RATE, true);
    this.#isFirst = false;
    upload(gpu, parts.frame, new Uint8Array(frame.buffer));
    const guideBias = network.weights.get('guide.1.bias')!.data[0]!;
    const rows = { firstRow: 0, heldRow: 0, rows: size.height };
    upload(gpu, parts.settings, encodeSettings({ ...rows, strength, keepHue: false, tone: null, guideBias }));
  }
}

async function makeParts(
  gpu: Gpu,
  { config, weights }: FoldedNetwork<BilateralConfig>,
  { width, height }: FrameSize,
): Promise<Parts> {
  const { device, traits } = gpu;
  const { viewSize, gridSize, levels, guideWidth } = config;
  const graph = new Graph();
  const input = graph.input('view', [1, 3, viewSize, viewSize]);
  const { output } = buildBilateralGrid(graph, input, config, { mode: 'folded' });
  const program = await Program.compile(forWholePicture(gpu), graph, { fetch: [output] });
  writeState(program, weights);
  const data = (name: string) => weights.get(name)!.data;
  const guide = { weight: data('guide.0.weight'), bias: data('guide.0.bias') };
  const encodedUnits = encodeUnits(guide, data('guide.1.weight'));
  const buffers = await createStorageBuffers(gpu, [
    { bytes: encodedUnits.byteLength, label: 'guide' },
    { bytes: SETTINGS_BYTES, label: 'settings' },
    { bytes: PROFILE_BYTES, label: 'profile' },
    { bytes: 4 * width * height, label: 'frame' },
    { bytes: 4 * width * height, label: 'result' },
  ]);
  const [units, settings, profile, photo, result] = buffers as [
    GPUBuffer,
    GPUBuffer,
    GPUBuffer,
    GPUBuffer,
    GPUBuffer,
  ];
  upload(gpu, units, encodedUnits);
  const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
  const frame = device.createBuffer({ label: 'frame settings', size: FRAME_BYTES, usage });
  const grid = program.at(output).buffer;
  const context = { traits, policy: policyOf(gpu), label: 'output', scratch: () => grid };
  const calls = bilateralEnhance(
    context,
    { grid, units, settings, profile, photo, result },
    { gridSize, levels, units: guideWidth, width, height, rows: height, packed: true, srgb: true },
  );
  const list = await record(gpu, calls);
  const owned = [...buffers, frame];
  const view = program.at(input).buffer;
  const passes = await makeFramePasses(device, { width, height, viewSize, frame, photo, view });
  return { program, list, frame, photo, result, settings, owned, ...passes };
}

interface FrameBuffers extends FrameSize {
  readonly viewSize: number;
  readonly frame: GPUBuffer;
  readonly photo: GPUBuffer;
  readonly view: GPUBuffer;
}

async function makeFramePasses(
  device: GPUDevice,
  { width, height, viewSize, frame, photo, view }: FrameBuffers,
): Promise<FramePasses> {
  const code = setConstants('live_frame', frameCode, { VIEW: viewSize });
  const module = device.createShaderModule({ label: 'live_frame', code });
  const compute = (entryPoint: string) =>
    device.createComputePipelineAsync({ layout: 'auto', compute: { module, entryPoint } });
  const [load, makeView] = await Promise.all([compute('load'), compute('view')]);
  const texture = device.createTexture({
    label: 'frame',
    size: [width, height],
    format: 'rgba8unorm',
    usage: GPUTextureUsage.TEXTURE_BINDING | GPUTextureUsage.COPY_DST | GPUTextureUsage.RENDER_ATTACHMENT,
  });
  const canvas = new OffscreenCanvas(width, height);
  if (!canvas.getContext('2d', { alpha: false })) throw new MemoryError('There is no memory for a canvas.');
  const bind = (pipeline: GPUComputePipeline, bound: Readonly<Record<number, GPUBindingResource>>) =>
    device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: Object.entries(bound).map(([binding, resource]) => ({ binding: Number(binding), resource })),
    });
  const [settings, pixels] = [{ buffer: frame }, { buffer: photo }];
  return {
    ...{ canvas, texture, load, makeView },
    loadBindings: bind(load, { 0: settings, 1: pixels, 3: texture.createView() }),
    viewBindings: bind(makeView, { 0: settings, 1: pixels, 2: { buffer: view } }),
  };
}
