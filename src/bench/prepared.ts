import { createStorageBuffers, finished, readBuffer, upload } from '../gpu/buffers';
import { type CommandList, record } from '../gpu/command-list';
import type { KernelCall } from '../gpu/kernel-call';
import type { Gpu } from '../gpu/types';
import type { KernelContext } from '../kernels/context';
import type { KernelPolicy } from '../kernels/policy';
import {
  byteLength,
  elementCount,
  type Layout,
  pack,
  type Shape,
  type Tensor,
  unpack,
} from '../kernels/tensor';
import { policyOf } from '../kernels/tuned-gpu';
import { Random } from '../random';
import type { Candidate } from './race';

/** Content of a tensor before the first run. */
export type Content = 'random' | 'positive' | 'zeros' | 'output';

/** Requests a tensor. Equal names and shapes have equal values in every case. */
type MakeTensor<B> = (name: string, shape: Shape, content?: Content, layout?: Layout) => Tensor<B>;

/** Builds the calls of an operator on the tensors it requests. */
export type BuildCalls = <B>(
  context: KernelContext<B>,
  tensor: MakeTensor<B>,
) => { readonly calls: readonly KernelCall<B>[]; readonly output: Tensor<B> };

/** One operator with its own buffers, ready to run. */
export interface Prepared extends Candidate {
  readonly calls: readonly KernelCall<unknown>[];
  /** The output of the last run, dense. */
  read(): Promise<Float32Array<ArrayBuffer>>;
  destroy(): void;
}

/** Creates buffers, fills them with seeded numbers and records the calls. */
export async function prepare(
  gpu: Gpu,
  label: string,
  build: BuildCalls,
  policy: KernelPolicy = policyOf(gpu),
): Promise<Prepared> {
  const wanted: { bytes: number; label: string }[] = [];
  const contents: { data: Float32Array<ArrayBuffer>; index: number }[] = [];
  const reserve = (bytes: number, name: string) => wanted.push({ bytes, label: name }) - 1;
  const context: KernelContext<number> = {
    traits: gpu.traits,
    policy,
    label,
    scratch: (bytes) => reserve(bytes, 'scratch'),
  };
  const { calls, output } = build<number>(
    context,
    (name, shape, content = 'random', layout = 'activation') => {
      const index = reserve(byteLength(shape, layout), name);
      if (content === 'random' || content === 'positive') {
        contents.push({ index, data: pack(seededValues(name, shape, content), shape, layout) });
      }
      return { shape, layout, buffer: index };
    },
  );
  const buffers = await createStorageBuffers(gpu, wanted);
  for (const { data, index } of contents) upload(gpu, buffers[index]!, data);
  const place = (call: KernelCall<number>) => ({
    ...call,
    bindings: call.bindings.map((at) => buffers[at]!),
  });
  let list: CommandList;
  try {
    list = await record(gpu, calls.map(place));
  } catch (error) {
    for (const buffer of buffers) buffer.destroy();
    throw error;
  }
  return {
    calls,
    async run(times) {
      list.submit(times);
      await finished(gpu);
    },
    async read() {
      const stored = await readBuffer(gpu, buffers[output.buffer]!, byteLength(output.shape, output.layout));
      return unpack(new Float32Array(stored), output.shape, output.layout);
    },
    destroy() {
      list.destroy();
      for (const buffer of buffers) buffer.destroy();
    },
  };
}

/** Dense values for a tensor, seeded by its name: uniform in [-1, 1), or in [0.5, 1.5) if they must be positive. */
export function seededValues(
  name: string,
  shape: Shape,
  content: 'random' | 'positive' = 'random',
): Float32Array<ArrayBuffer> {
  const random = new Random('bench').fork(name);
  const [low, high] = content === 'positive' ? [0.5, 1.5] : [-1, 1];
  return Float32Array.from({ length: elementCount(shape) }, () => random.uniform(low, high));
}
