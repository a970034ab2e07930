import {
  defaultDevice,
  getWebGPUDevice,
  init,
  type Array as JaxArray,
  jit,
  lax,
  numpy,
  vjp,
} from '@jax-js/jax';

import type { ConvolutionProblem } from '../../src/bench/convolution-problem';
import type { ConvolutionInputs, OpenOpponent, OpponentRun } from '../../src/bench/opponent';
import type { Gpu } from '../../src/gpu/types';
import own from './package.json';

/** jax-js opens its own device, on the same adapter. */
export const open: OpenOpponent = async (gpu) => {
  await init('webgpu');
  defaultDevice('webgpu');
  return {
    name: 'jax-js',
    title: 'jax-js',
    version: own.dependencies['@jax-js/jax'],
    convolution: async (problem, inputs) => (problem.transposed ? null : run(gpu, problem, inputs)),
  };
};

/** Compiled by `jit`, gradients by its own `vjp`. */
function run(gpu: Gpu, problem: ConvolutionProblem, inputs: ConvolutionInputs): OpponentRun {
  const [first, second] = operands(problem, inputs);
  const compiled = jit(passOf(problem));
  let output: JaxArray | undefined;
  return {
    async run(times) {
      // Outputs are kept until the end: jax-js is lazy and never computes arrays disposed of before. Arrays passed as
      // arguments are consumed unless referenced.
      const made = Array.from({ length: times }, () => compiled(first.ref, second.ref) as JaxArray);
      await gpu.wait(Promise.all(made.map((array) => array.blockUntilReady())));
      await gpu.wait(getWebGPUDevice().queue.onSubmittedWorkDone());
      output?.dispose();
      output = made.pop();
      for (const array of made) array.dispose();
    },
    read: async () => (await output!.ref.data()) as Float32Array,
    destroy() {
      for (const array of [output, first, second]) array?.dispose();
      compiled.dispose();
    },
  };
}

/** The inputs of the pass, weights last. */
function operands({ pass, x, w, y }: ConvolutionProblem, inputs: ConvolutionInputs): [JaxArray, JaxArray] {
  const array = (data: Float32Array<ArrayBuffer>, shape: readonly number[]) =>
    numpy.array(data, { shape: [...shape] });
  if (pass === 'forward') return [array(inputs.x!, x), array(inputs.w!, w)];
  if (pass === 'input gradient') return [array(inputs.y!, y), array(inputs.w!, w)];
  return [array(inputs.y!, y), array(inputs.x!, x)];
}

function passOf({ pass, x, w, stride, padding }: ConvolutionProblem) {
  const convolve = (image: JaxArray, weights: JaxArray) =>
    lax.conv(
      image,
      weights,
      [stride, stride],
      [
        [padding, padding],
        [padding, padding],
      ],
    );
  if (pass === 'forward') return convolve;
  const zeros = (shape: readonly number[]) => numpy.zeros([...shape]);
  if (pass === 'input gradient') {
    return (dy: JaxArray, weights: JaxArray) =>
      pullBack((image: JaxArray) => convolve(image, weights), zeros(x), dy);
  }
  return (dy: JaxArray, image: JaxArray) =>
    pullBack((weights: JaxArray) => convolve(image, weights), zeros(w), dy);
}

function pullBack(operation: (of: JaxArray) => JaxArray, at: JaxArray, dy: JaxArray): JaxArray {
  const [y, pull] = vjp(operation, [at]);
  y.dispose();
  const [gradient] = pull(dy) as [JaxArray];
  pull.dispose();
  return gradient;
}
