import * as ort from 'onnxruntime-web/webgpu';
import type { ConvolutionProblem } from '../../src/bench/convolution-problem';
import type { ConvolutionInputs, OpenOpponent, OpponentRun } from '../../src/bench/opponent';
import { finished } from '../../src/gpu/buffers';
import type { Gpu } from '../../src/gpu/types';
import { convolutionModel } from './onnx-model';
import own from './package.json';

/** ONNX Runtime Web with its WebGPU provider, on our device. Browsers only. */
export const open: OpenOpponent = async (gpu) => {
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = 'error';
  return {
    name: 'ort',
    title: 'ONNX Runtime Web',
    version: own.dependencies['onnxruntime-web'],
    convolution: async (problem, inputs) => (problem.pass === 'forward' ? run(gpu, problem, inputs) : null),
  };
};

/** Input and output stay on the device; weights are constant, so that their layout can be prepared. */
async function run(gpu: Gpu, problem: ConvolutionProblem, { x, w }: ConvolutionInputs): Promise<OpponentRun> {
  const { device } = gpu;
  const session = await ort.InferenceSession.create(convolutionModel(problem, w!), {
    executionProviders: [{ name: 'webgpu', device }],
    preferredOutputLocation: 'gpu-buffer',
  });
  const { STORAGE, COPY_SRC, COPY_DST } = GPUBufferUsage;
  const buffer = device.createBuffer({ size: x!.byteLength, usage: STORAGE | COPY_SRC | COPY_DST });
  device.queue.writeBuffer(buffer, 0, x!);
  const input = ort.Tensor.fromGpuBuffer(buffer, { dataType: 'float32', dims: [...problem.x] });
  let output: ort.Tensor | undefined;
  return {
    async run(times) {
      for (let time = 0; time < times; time++) {
        output?.dispose();
        output = (await session.run({ x: input })).y!;
      }
      await finished(gpu);
    },
    read: async () => (await output!.getData()) as Float32Array,
    destroy() {
      output?.dispose();
      buffer.destroy();
      void session.release();
    },
  };
}
