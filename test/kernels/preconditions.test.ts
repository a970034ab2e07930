import { describe, expect, test } from 'vitest';
import { ShapeError } from '../../src/errors';
import type { AdapterTraits } from '../../src/gpu/types';
import { adamStep } from '../../src/kernels/adam';
import { batchNormBackward, batchNormInference, batchNormTraining } from '../../src/kernels/batch-norm';
import { channelSum } from '../../src/kernels/channel-sum';
import { concatBackward, concatForward } from '../../src/kernels/concat';
import type { KernelContext } from '../../src/kernels/context';
import { lossBackward, lossForward } from '../../src/kernels/loss';
import { maxPoolBackward, maxPoolForward } from '../../src/kernels/max-pool';
import type { KernelPolicy } from '../../src/kernels/policy';
import { replicateBackward, replicateForward } from '../../src/kernels/replicate';
import { resizeBilinearBackward, resizeBilinearForward } from '../../src/kernels/resize';
import type { Layout, Shape, Tensor } from '../../src/kernels/tensor';

// Shapes are refused before anything of the adapter is looked at.
const context: KernelContext<string> = {
  traits: {} as AdapterTraits,
  policy: {} as KernelPolicy,
  label: '',
  scratch: () => 'scratch',
};
const t = (shape: Shape, layout: Layout = 'activation'): Tensor<string> => ({ shape, layout, buffer: '' });

const x = t([2, 3, 4, 5]);
const v = t([1, 3, 1, 1]);
const wrong = t([2, 3, 5, 4]);
const weight = t([2, 3, 4, 5], 'weight');
const vectors = { gamma: v, beta: v, runningMean: v, runningVariance: v, mean: v, rstd: v };
const training = { eps: 1e-5, momentum: 0.1 };
const betas = { beta1: 0.9, beta2: 0.999, eps: 1e-8 };
const moments = { gradient: x, m: x, v: x, schedule: t([1, 4, 1, 1]) };

const refused: [message: RegExp, make: () => unknown][] = [
  [
    /^lossForward: target/,
    () => lossForward(context, { x, target: wrong, loss: t([1, 1, 1, 1]) }, { power: 2 }),
  ],
  [/^lossForward: loss/, () => lossForward(context, { x, target: x, loss: v }, { power: 1 })],
  [/^lossBackward: dloss/, () => lossBackward(context, { x, target: x, dloss: v, dx: x }, { power: 2 })],
  [/^adamStep: m is/, () => adamStep(context, { ...moments, parameter: x, m: wrong }, betas)],
  [/^adamStep: schedule/, () => adamStep(context, { ...moments, parameter: x, schedule: v }, betas)],
  [/^adamStep: eps is 0/, () => adamStep(context, { ...moments, parameter: x }, { ...betas, eps: 0 })],
  [/^channelSum: x is weight/, () => channelSum(context, { x: weight, y: v })],
  [/^channelSum: y/, () => channelSum(context, { x, y: t([2, 3, 1, 1]) })],
  [/^replicateForward: x/, () => replicateForward(context, { x: v, y: x })],
  [/^replicateBackward: dx/, () => replicateBackward(context, { dy: x, dx: v })],
  [/^maxPoolForward: y .* \[2, 3, 2, 2\] \(half of x\)/, () => maxPoolForward(context, { x, y: x })],
  [
    /^maxPoolForward: x of 1 x 5 holds no window/,
    () => maxPoolForward(context, { x: t([1, 1, 1, 5]), y: x }),
  ],
  [/^maxPoolBackward: dx/, () => maxPoolBackward(context, { x, dy: t([2, 3, 2, 2]), dx: wrong })],
  [/^concatForward: b/, () => concatForward(context, { a: x, b: wrong, y: t([2, 6, 4, 5]) })],
  [/^concatForward: y .* \[2, 6, 4, 5\]/, () => concatForward(context, { a: x, b: x, y: t([2, 8, 4, 5]) })],
  [/^concatBackward: dy/, () => concatBackward(context, { dy: x, da: x, db: x })],
  [/^resizeBilinearForward: y/, () => resizeBilinearForward(context, { x, y: t([1, 3, 8, 8]) })],
  [
    /^resizeBilinearForward: .* too large/,
    () => resizeBilinearForward(context, { x: t([1, 1, 1, 70000]), y: t([1, 1, 1, 70000]) }),
  ],
  [/^resizeBilinearBackward: dy/, () => resizeBilinearBackward(context, { dx: x, dy: t([2, 4, 8, 8]) })],
  [/^batchNormTraining: y/, () => batchNormTraining(context, { x, y: wrong, ...vectors }, training)],
  [
    /^batchNormTraining: gamma .* \[1, 3, 1, 1\]/,
    () => batchNormTraining(context, { x, y: x, ...vectors, gamma: x }, training),
  ],
  [
    /^batchNormTraining: eps is 0/,
    () => batchNormTraining(context, { x, y: x, ...vectors }, { ...training, eps: 0 }),
  ],
  [/^batchNormTraining: one value/, () => batchNormTraining(context, { x: v, y: v, ...vectors }, training)],
  [
    /^batchNormInference: beta/,
    () => batchNormInference(context, { x, y: x, ...vectors, beta: x }, { eps: 1 }),
  ],
  [
    /^batchNormBackward: dgamma/,
    () => batchNormBackward(context, { x, dy: x, dx: x, ...vectors, dgamma: x, dbeta: v }, {}),
  ],
];

describe('shapes that do not fit', () => {
  test.each(refused)('%s', (message, make) => {
    expect(make).toThrow(ShapeError);
    expect(make).toThrow(message);
  });
});
