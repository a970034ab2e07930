import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import type { ConvolutionProblem } from '../../src/bench/convolution-problem';
import type {
  ConvolutionInputs,
  FoldedNetwork,
  OpenOpponent,
  OpponentRun,
  OpponentTraining,
  TrainingTask,
} from '../../src/bench/opponent';
import { finished } from '../../src/gpu/buffers';
import type { Layer } from '../../src/model/layers';
import { allLayers, weightShape } from '../../src/model/layers';
import type { StateDict } from '../../src/model/state-dict';
import { ADAM } from '../../src/train/schedule';
import { fromFilter, fromNhwc, type Shape4, toFilter, toNhwc } from './layout';
import { convolve, runNetwork } from './tfjs-network';

/** TensorFlow.js on our device. */
export const open: OpenOpponent = async (gpu) => {
  const { device } = gpu;
  const backend = new WebGPUBackend(device, device.adapterInfo);
  tf.removeBackend('webgpu');
  tf.registerBackend('webgpu', () => backend);
  await tf.setBackend('webgpu');
  const settle = async () => {
    const recorder = backend as unknown as Recorder;
    recorder.ensureCommandEncoderReady();
    recorder.endComputePassEncoder();
    backend.submitQueue();
    await finished(gpu);
  };
  return {
    name: 'tfjs',
    title: 'TF.js',
    version: tf.version_core,
    convolution: async (problem, inputs) => convolutionRun(problem, inputs, settle),
    forward: async (network, image, size) => forwardRun(network, image, size, settle),
    training: async (task) => new TfTraining(task, settle),
  };
};

/** The step before the backend reads a tensor, hidden by its types. */
interface Recorder {
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
}

/** Submits recorded work and waits for it. */
type Settle = () => Promise<void>;

const imageTensor = (data: Float32Array, shape: Shape4): tf.Tensor4D => {
  const nhwc = toNhwc(data, shape);
  return tf.tensor4d(nhwc.data, nhwc.shape);
};

const filterTensor = (data: Float32Array, shape: Shape4): tf.Tensor4D => {
  const filter = toFilter(data, shape);
  return tf.tensor4d(filter.data, filter.shape);
};

/** Repeats an operation; keeps its last output. */
function run(
  operation: () => tf.Tensor4D,
  inputs: readonly tf.Tensor[],
  toDense: (data: Float32Array, shape: Shape4) => Float32Array,
  settle: Settle,
): OpponentRun {
  let output: tf.Tensor4D | undefined;
  return {
    async run(times) {
      for (let time = 0; time < times; time++) {
        output?.dispose();
        output = tf.tidy(operation);
      }
      await settle();
    },
    async read() {
      return toDense((await output!.data()) as Float32Array, output!.shape);
    },
    destroy() {
      output?.dispose();
      for (const input of inputs) input.dispose();
    },
  };
}

function convolutionRun(problem: ConvolutionProblem, inputs: ConvolutionInputs, settle: Settle): OpponentRun {
  const { pass } = problem;
  const x = inputs.x && imageTensor(inputs.x, problem.x);
  const y = inputs.y && imageTensor(inputs.y, problem.y);
  const w = inputs.w && filterTensor(inputs.w, problem.w);
  const tensors = [x, y, w].filter((tensor) => tensor !== undefined);
  const toDense = pass === 'weight gradient' ? fromFilter : fromNhwc;
  return run(() => passOf(problem, { x, y, w }), tensors, toDense, settle);
}

/** A transposed convolution is the input gradient of its adjoint, and its input gradient is the adjoint. */
function passOf(
  { pass, transposed, x: xShape, y: yShape, w: wShape, stride, padding }: ConvolutionProblem,
  { x, y, w }: { x?: tf.Tensor4D | undefined; y?: tf.Tensor4D | undefined; w?: tf.Tensor4D | undefined },
): tf.Tensor4D {
  const attributes = { strides: stride, pad: padding, dataFormat: 'NHWC' };
  const run = (kernel: string, inputs: tf.NamedTensorMap, extra: object) =>
    tf.engine().runKernel(kernel, inputs, { ...attributes, ...extra }) as tf.Tensor4D;
  if (pass === 'weight gradient') {
    const filterShape = [wShape[2], wShape[3], wShape[1], wShape[0]];
    const [from, to] = transposed ? [y!, x!] : [x!, y!];
    return run('Conv2DBackpropFilter', { x: from, dy: to }, { filterShape });
  }
  const spreads = (pass === 'forward') === transposed;
  const input = pass === 'forward' ? x! : y!;
  if (!spreads) return tf.conv2d(input, w!, stride, padding);
  const [n, c, h, wide] = pass === 'forward' ? yShape : xShape;
  return run('Conv2DBackpropInput', { dy: input, filter: w! }, { inputShape: [n, h, wide, c] });
}

function forwardRun(
  { config, weights }: FoldedNetwork,
  image: Float32Array,
  size: number,
  settle: Settle,
): OpponentRun {
  const input = imageTensor(image, [1, 3, size, size]);
  const filters = new Map<string, tf.Tensor4D>();
  const biases = new Map<string, tf.Tensor1D>();
  for (const layer of allLayers(config)) {
    filters.set(layer.name, filterTensor(weights.get(`${layer.name}.weight`)!.data, weightShape(layer)));
    biases.set(layer.name, tf.tensor1d(weights.get(`${layer.name}.bias`)!.data));
  }
  const apply = (x: tf.Tensor4D, layer: Layer) => {
    const [filter, bias] = [filters.get(layer.name)!, biases.get(layer.name)!];
    if (layer.transposed) return tf.relu(tf.add(convolve(x, filter, layer), bias)) as tf.Tensor4D;
    const { stride: strides, padding: pad } = layer;
    return tf.fused.conv2d({ x, filter, strides, pad, bias, activation: 'relu' }) as tf.Tensor4D;
  };
  const tensors = [input, ...filters.values(), ...biases.values()];
  return run(() => runNetwork(input, config, apply), tensors, fromNhwc, settle);
}

/** Training with TF.js's own derivatives and Adam, without the running statistics that ours keeps. */
class TfTraining implements OpponentTraining {
  readonly #variables = new Map<string, tf.Variable>();
  readonly #shapes = new Map<string, Shape4>();
  readonly #optimizer: tf.AdamOptimizer;
  readonly #pixels: { input: Float32Array; target: Float32Array; shape: Shape4 };
  #loss: tf.Scalar | undefined;
  /** Gradients of the first step. */
  #gradients: tf.NamedTensorMap | undefined;

  constructor(
    readonly task: TrainingTask,
    readonly settle: Settle,
  ) {
    const { pairs, size, batch, config, weights, rate } = task;
    const shape: Shape4 = [pairs, 3, size, size];
    const [input, target] = [toNhwc(batch.input, shape), toNhwc(batch.target, shape)];
    this.#pixels = { input: input.data, target: target.data, shape: input.shape };
    this.#optimizer = tf.train.adam(rate, ADAM.beta1, ADAM.beta2, ADAM.eps);
    for (const layer of allLayers(config)) this.#addVariables(layer, weights);
  }

  async run(times: number): Promise<void> {
    for (let time = 0; time < times; time++) this.#step();
    await this.settle();
  }

  async loss(): Promise<number> {
    return (await this.#loss!.data())[0]!;
  }

  async gradient(name: string): Promise<Float32Array> {
    const gradient = this.#gradients![name]! as tf.Tensor4D;
    return fromFilter((await gradient.data()) as Float32Array, gradient.shape);
  }

  destroy(): void {
    this.#loss?.dispose();
    this.#optimizer.dispose();
    if (this.#gradients) tf.dispose(this.#gradients);
    for (const variable of this.#variables.values()) variable.dispose();
  }

  #addVariables(layer: Layer, weights: StateDict): void {
    const data = (name: string) => weights.get(name)!.data;
    const add = (name: string, initial: tf.Tensor) => {
      // Names are unique in all of TF.js, and several tasks may run in sequence.
      this.#variables.set(name, tf.variable(initial, true));
      initial.dispose();
    };
    const shape = weightShape(layer);
    this.#shapes.set(`${layer.name}.weight`, shape);
    add(`${layer.name}.weight`, filterTensor(data(`${layer.name}.weight`), shape));
    const vectors = layer.norm ? [`${layer.norm}.weight`, `${layer.norm}.bias`] : [`${layer.name}.bias`];
    for (const name of vectors) add(name, tf.tensor1d(data(name)));
  }

  #step(): void {
    const { input, target, shape } = this.#pixels;
    tf.tidy(() => {
      const x = tf.tensor4d(input, [...shape]);
      const wanted = tf.tensor4d(target, [...shape]);
      const loss = () => tf.mean(tf.squaredDifference(this.#forward(x), wanted)) as tf.Scalar;
      const { value, grads } = tf.variableGrads(loss, [...this.#variables.values()]);
      this.#optimizer.applyGradients(Object.entries(grads).map(([name, tensor]) => ({ name, tensor })));
      this.#loss?.dispose();
      this.#loss = tf.keep(value);
      if (!this.#gradients) this.#keep(grads);
    });
  }

  #keep(grads: tf.NamedTensorMap): void {
    const named = [...this.#variables].map(([name, variable]) => [name, tf.keep(grads[variable.name]!)]);
    this.#gradients = Object.fromEntries(named);
  }

  #forward(x: tf.Tensor4D): tf.Tensor4D {
    const { config } = this.task;
    const variable = (name: string) => this.#variables.get(name)!;
    return runNetwork(x, config, (input, layer) => {
      const y = convolve(input, variable(`${layer.name}.weight`) as tf.Variable<tf.Rank.R4>, layer);
      if (!layer.norm) return tf.relu(tf.add(y, variable(`${layer.name}.bias`)));
      const { mean, variance } = tf.moments(y, [0, 1, 2]);
      const [gamma, beta] = [variable(`${layer.norm}.weight`), variable(`${layer.norm}.bias`)];
      return tf.relu(
        tf.batchNorm(
          y,
          mean as tf.Tensor1D,
          variance as tf.Tensor1D,
          beta as tf.Tensor1D,
          gamma as tf.Tensor1D,
          config.normEpsilon,
        ),
      ) as tf.Tensor4D;
    });
  }
}
