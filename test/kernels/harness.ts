import { createStorageBuffers, readBuffer, upload } from '../../src/gpu/buffers';
import { record } from '../../src/gpu/command-list';
import type { KernelCall } from '../../src/gpu/kernel-call';
import type { AdapterTraits, Gpu } from '../../src/gpu/types';
import type { KernelContext } from '../../src/kernels/context';
import { type KernelPolicy, policyFor } from '../../src/kernels/policy';
import {
  elementCount,
  type Layout,
  pack,
  type Shape,
  storedLength,
  type Tensor,
  unpack,
} from '../../src/kernels/tensor';
import type { Dense } from '../reference';

/** One check of a kernel on a device; throws on failure. Runs in Node and in browsers. */
export interface KernelCase {
  readonly name: string;
  run(gpu: Gpu): Promise<void>;
}

/** The name of a buffer, as a plan of the calls sees it. */
export type BufferName = string;

/** Device memory is not zero in practice, so everything a kernel should write is NaN before it runs. */
const UNWRITTEN = Number.NaN;

/**
 * Runs kernel calls on dense arrays. Outputs and scratch start as NaN, which reveals elements that are skipped or
 * read before they are written; reading a tensor checks that its padding is zero.
 */
export class KernelHarness {
  readonly context: KernelContext<BufferName>;
  readonly #contents = new Map<BufferName, Float32Array<ArrayBuffer>>();
  #scratches = 0;

  /**
   * @param traits the adapter's properties for the operators; a test may substitute others.
   * @param policy for choosing kernels; a test may substitute another.
   */
  constructor(
    readonly gpu: Gpu,
    traits: AdapterTraits = gpu.traits,
    policy: KernelPolicy = policyFor(traits),
  ) {
    this.context = {
      traits,
      policy,
      label: 'test',
      scratch: (bytes) =>
        this.#hold(`scratch ${this.#scratches++}`, new Float32Array(bytes / 4).fill(UNWRITTEN)),
    };
  }

  /** A tensor with these values. */
  input(name: BufferName, { shape, data }: Dense, layout: Layout = 'activation'): Tensor<BufferName> {
    return { shape, layout, buffer: this.#hold(name, pack(data, shape, layout)) };
  }

  /** A tensor that the calls must write in full. */
  output(name: BufferName, shape: Shape, layout: Layout = 'activation'): Tensor<BufferName> {
    return {
      shape,
      layout,
      buffer: this.#hold(name, new Float32Array(storedLength(shape, layout)).fill(UNWRITTEN)),
    };
  }

  /** Runs the calls; values of the tensors from before are replaced by those from after. */
  async run(calls: readonly KernelCall<BufferName>[]): Promise<void> {
    const names = [...new Set(calls.flatMap((call) => call.bindings))];
    const buffers = await createStorageBuffers(
      this.gpu,
      names.map((label) => ({ label, bytes: this.#content(label).byteLength })),
    );
    const byName = new Map(names.map((name, at) => [name, buffers[at]!]));
    try {
      for (const [name, buffer] of byName) upload(this.gpu, buffer, this.#content(name));
      const resolved = calls.map((call) => ({
        ...call,
        bindings: call.bindings.map((name) => byName.get(name)!),
      }));
      const list = await record(this.gpu, resolved);
      list.submit();
      // All at once: some browsers answer each wait no sooner than after 100 ms.
      const read = ([name, buffer]: [BufferName, GPUBuffer]) =>
        readBuffer(this.gpu, buffer, this.#content(name).byteLength);
      const contents = await Promise.all([...byName].map(read));
      names.forEach((name, at) => {
        this.#contents.set(name, new Float32Array(contents[at]!));
      });
      list.destroy();
    } finally {
      for (const buffer of buffers) buffer.destroy();
    }
  }

  /** The tensor's values, dense and row-major. Throws unless its padding is zero. */
  read({ shape, layout, buffer }: Tensor<BufferName>): Float32Array {
    const stored = this.#content(buffer);
    const values = unpack(stored, shape, layout);
    const padding = stored.length - elementCount(shape);
    const again = pack(values, shape, layout);
    for (let i = 0; padding > 0 && i < stored.length; i++) {
      if (stored[i] !== again[i] && !Number.isNaN(again[i])) {
        throw new Error(`${buffer} [${shape.join(', ')}]: the padding at ${i} is ${stored[i]}, wanted 0`);
      }
    }
    return values;
  }

  #hold(name: BufferName, content: Float32Array<ArrayBuffer>): BufferName {
    if (this.#contents.has(name)) throw new Error(`Two buffers are called ${name}`);
    this.#contents.set(name, content);
    return name;
  }

  #content(name: BufferName): Float32Array<ArrayBuffer> {
    const content = this.#contents.get(name);
    if (!content) throw new Error(`No buffer is called ${name}`);
    return content;
  }
}

/**
 * Ways to distribute work that every case runs with on any adapter: that of software, that of GPUs, and a device
 * whose dispatches are so small that they must be folded.
 */
export function tempos(traits: AdapterTraits): readonly AdapterTraits[] {
  const narrow = { ...traits.limits, maxComputeWorkgroupsPerDimension: 11 };
  return [
    { ...traits, isSoftware: true },
    { ...traits, isSoftware: false },
    { ...traits, isSoftware: true, limits: narrow },
  ];
}

/** A case that runs once with each way of distributing work. */
export function kernelCase(name: string, check: (kernels: KernelHarness) => Promise<void>): KernelCase {
  return {
    name,
    run: async (gpu) => {
      for (const traits of tempos(gpu.traits)) await check(new KernelHarness(gpu, traits));
    },
  };
}
