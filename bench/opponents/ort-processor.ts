import type { InferenceSession, Tensor, TypedTensor } from 'onnxruntime-common';
import type { FoldedNetwork, Opponent, OpponentName, OpponentRun } from '../../src/bench/opponent';
import { bareNetwork } from './bare-network';

/** The common part of both builds of ONNX Runtime. */
export interface Runtime {
  readonly InferenceSession: {
    create(model: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession>;
  };
  readonly Tensor: new (
    type: 'float32',
    data: Float32Array,
    dims: readonly number[],
  ) => TypedTensor<'float32'>;
}

export interface RuntimeFacts extends Pick<Opponent, 'title' | 'version'> {
  readonly name: OpponentName;
  readonly provider: 'cpu' | 'wasm';
  readonly threads: number;
}

/**
 * ONNX Runtime on the processor. Its threads sleep while waiting; spinning would take cores from the next candidate.
 */
export function onProcessor({ InferenceSession, Tensor }: Runtime, facts: RuntimeFacts): Opponent {
  const { name, title, version, provider, threads } = facts;
  return {
    name,
    title,
    version,
    async forward({ config, weights }: FoldedNetwork, image, size): Promise<OpponentRun> {
      const session = await InferenceSession.create(bareNetwork(config, weights, size), {
        executionProviders: [provider],
        intraOpNumThreads: threads,
        extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
        logSeverityLevel: 3,
      });
      const input = new Tensor('float32', image, [1, 3, size, size]);
      let output: Tensor | undefined;
      return {
        async run(times) {
          for (let time = 0; time < times; time++) output = (await session.run({ x: input })).y;
        },
        read: async () => (await output!.getData()) as Float32Array,
        destroy: () => void session.release(),
      };
    },
  };
}
