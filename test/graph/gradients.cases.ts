import type { KernelCase } from '../kernels/harness';
import { randomDense } from '../support/random';
import { activation, gradientCase, weight } from './gradient-case';

const same = { stride: 1, padding: 1 };
/** TensorFlow's SAME for kernels of 5x5 and 7x7 with stride 2. */
const five = { stride: 2, padding: 1, paddingAfter: 2 };
const seven = { stride: 2, padding: 2, paddingAfter: 3 };

/** Finite differences through whole graphs: odd sizes, channels off the multiples of four. */
export const cases: readonly KernelCase[] = [
  gradientCase('conv2d 3x3, bias and ReLU fused, mid-graph', {
    variables: {
      x: activation(2, 3, 7, 5),
      w1: weight(5, 3, 3, 3),
      b1: activation(1, 5, 1, 1),
      w2: weight(6, 5, 3, 3),
      b2: activation(1, 6, 1, 1),
      w3: weight(1, 6, 3, 3),
      target: activation(2, 1, 7, 5),
    },
    loss(o, v) {
      const before = o.conv2d(v.x, v.w1, { ...same, bias: v.b1, relu: true });
      const middle = o.conv2d(before, v.w2, { ...same, bias: v.b2, relu: true });
      return o.mse(o.conv2d(middle, v.w3, same), v.target);
    },
  }),
  gradientCase('conv2d with stride 2, and 4x4 without padding, mid-graph', {
    variables: {
      x: activation(2, 2, 12, 11),
      w1: weight(3, 2, 3, 3),
      w2: weight(5, 3, 3, 3),
      w3: weight(4, 5, 4, 4),
      w4: weight(2, 4, 1, 1),
      target: activation(2, 2, 3, 3),
    },
    loss(o, v) {
      const before = o.relu(o.conv2d(v.x, v.w1, same));
      const strided = o.conv2d(before, v.w2, { stride: 2, padding: 1, relu: true });
      const valid = o.relu(o.conv2d(strided, v.w3, { stride: 1, padding: 0 }));
      return o.mse(o.conv2d(valid, v.w4, { stride: 1, padding: 0 }), v.target);
    },
  }),
  gradientCase('convTranspose2d 4x4 stride 2, bias and ReLU fused, mid-graph', {
    variables: {
      x: activation(2, 3, 3, 5),
      w1: weight(6, 3, 3, 3),
      w2: weight(6, 5, 4, 4),
      b2: activation(1, 5, 1, 1),
      w3: weight(2, 5, 3, 3),
      target: activation(2, 2, 6, 10),
    },
    loss(o, v) {
      const before = o.conv2d(v.x, v.w1, { ...same, relu: true });
      const middle = o.convTranspose2d(before, v.w2, { stride: 2, padding: 1, bias: v.b2, relu: true });
      return o.mse(o.conv2d(middle, v.w3, same), v.target);
    },
  }),
  gradientCase('balanceKernel on the weights of a transposed convolution, mid-graph', {
    variables: {
      x: activation(2, 3, 3, 5),
      w1: weight(6, 3, 3, 3),
      w2: weight(6, 5, 4, 4),
      b2: activation(1, 5, 1, 1),
      w3: weight(2, 5, 3, 3),
      target: activation(2, 2, 6, 10),
    },
    loss(o, v) {
      const before = o.conv2d(v.x, v.w1, { ...same, relu: true });
      const middle = o.convTranspose2d(before, o.balanceKernel(v.w2), {
        stride: 2,
        padding: 1,
        bias: v.b2,
        relu: true,
      });
      return o.mse(o.conv2d(middle, v.w3, same), v.target);
    },
  }),
  gradientCase('convTranspose2d 3x3 stride 3 without padding, mid-graph', {
    variables: {
      x: activation(1, 2, 3, 2),
      w1: weight(3, 2, 3, 3),
      w2: weight(3, 1, 3, 3),
      w3: weight(3, 1, 3, 3),
      target: activation(1, 3, 9, 6),
    },
    loss(o, v) {
      const before = o.relu(o.conv2d(v.x, v.w1, same));
      const middle = o.convTranspose2d(before, v.w2, { stride: 3, padding: 0 });
      return o.mse(o.conv2d(o.relu(middle), v.w3, same), v.target);
    },
  }),
  gradientCase('batchNorm mid-graph', {
    variables: {
      x: activation(3, 2, 5, 3),
      w1: weight(5, 2, 3, 3),
      'bn.gamma': activation(1, 5, 1, 1),
      'bn.beta': activation(1, 5, 1, 1),
      w2: weight(3, 5, 3, 3),
      target: activation(3, 3, 5, 3),
    },
    ranges: { 'bn.gamma': [0.5, 1.5] },
    loss(o, v) {
      const middle = o.batchNorm(o.conv2d(v.x, v.w1, same), v['bn.gamma'], v['bn.beta'], {});
      return o.mse(o.conv2d(o.relu(middle), v.w2, same), v.target);
    },
  }),
  gradientCase('batchNorm with ReLU fused, mid-graph', {
    variables: {
      x: activation(3, 2, 5, 3),
      w1: weight(6, 2, 3, 3),
      'bn.gamma': activation(1, 6, 1, 1),
      'bn.beta': activation(1, 6, 1, 1),
      w2: weight(3, 6, 3, 3),
      target: activation(3, 3, 5, 3),
    },
    ranges: { 'bn.gamma': [0.5, 1.5] },
    loss(o, v) {
      const middle = o.batchNorm(o.conv2d(v.x, v.w1, same), v['bn.gamma'], v['bn.beta'], { relu: true });
      return o.mse(o.conv2d(middle, v.w2, same), v.target);
    },
  }),
  gradientCase('batchNorm of one value per image, mid-graph', {
    variables: {
      x: activation(4, 3, 2, 2),
      w1: weight(5, 3, 2, 2),
      'bn.gamma': activation(1, 5, 1, 1),
      'bn.beta': activation(1, 5, 1, 1),
      target: activation(4, 5, 3, 2),
    },
    ranges: { 'bn.gamma': [0.5, 1.5] },
    loss(o, v) {
      const vector = o.conv2d(v.x, v.w1, { stride: 1, padding: 0 });
      const middle = o.batchNorm(vector, v['bn.gamma'], v['bn.beta'], { relu: true });
      return o.mse(o.replicate(middle, { height: 3, width: 2 }), v.target);
    },
  }),
  gradientCase('maxPool2x2 of odd sides, mid-graph', {
    variables: {
      x: activation(2, 2, 7, 5),
      w1: weight(5, 2, 3, 3),
      w2: weight(2, 5, 3, 3),
      target: activation(2, 2, 3, 2),
    },
    loss(o, v) {
      const middle = o.maxPool2x2(o.conv2d(v.x, v.w1, { ...same, relu: true }));
      return o.mse(o.conv2d(middle, v.w2, same), v.target);
    },
  }),
  gradientCase('concat off the blocks of four, mid-graph', {
    variables: {
      x: activation(2, 3, 5, 3),
      w1: weight(5, 3, 3, 3),
      w2: weight(6, 3, 3, 3),
      w3: weight(2, 11, 3, 3),
      target: activation(2, 2, 5, 3),
    },
    loss(o, v) {
      const a = o.relu(o.conv2d(v.x, v.w1, same));
      const b = o.relu(o.conv2d(v.x, v.w2, same));
      return o.mse(o.conv2d(o.relu(o.concat(a, b)), v.w3, same), v.target);
    },
  }),
  gradientCase('resizeBilinear down and up, mid-graph', {
    variables: {
      x: activation(2, 2, 7, 9),
      w1: weight(3, 2, 3, 3),
      w2: weight(5, 3, 3, 3),
      w3: weight(2, 5, 3, 3),
      target: activation(2, 2, 11, 6),
    },
    loss(o, v) {
      const before = o.relu(o.conv2d(v.x, v.w1, same));
      const small = o.conv2d(o.resizeBilinear(before, { height: 4, width: 5 }), v.w2, {
        ...same,
        relu: true,
      });
      const large = o.resizeBilinear(small, { height: 11, width: 6 });
      return o.mse(o.conv2d(large, v.w3, same), v.target);
    },
  }),
  gradientCase('add and mse with both sides computed', {
    variables: {
      x: activation(2, 3, 5, 4),
      w1: weight(5, 3, 3, 3),
      w2: weight(5, 3, 3, 3),
      w3: weight(5, 3, 1, 1),
    },
    loss(o, v) {
      const sum = o.add(o.relu(o.conv2d(v.x, v.w1, same)), o.conv2d(v.x, v.w2, same));
      return o.mse(o.relu(sum), o.conv2d(v.x, v.w3, { stride: 1, padding: 0 }));
    },
  }),
  gradientCase('a tensor used four times and a weight used twice', {
    variables: {
      x: activation(1, 3, 4, 5),
      w: weight(3, 3, 3, 3),
      wOut: weight(1, 6, 3, 3),
      target: activation(1, 1, 4, 5),
    },
    loss(o, v) {
      const once = o.relu(o.conv2d(v.x, v.w, same));
      const twice = o.relu(o.conv2d(once, v.w, same));
      const sum = o.add(o.add(once, once), twice);
      return o.mse(o.conv2d(o.concat(sum, once), v.wOut, same), v.target);
    },
  }),
  gradientCase('strided 5x5 and 7x7 with more padding behind, ELU, shift-only norm, sum and product, mae', {
    variables: {
      x: activation(2, 3, 8, 12),
      w1: weight(5, 3, 7, 7),
      'n1.shift': activation(1, 5, 1, 1),
      w2: weight(6, 5, 5, 5),
      w3: weight(6, 5, 5, 5),
      'n3.shift': activation(1, 5, 1, 1),
      w4: weight(5, 3, 7, 7),
      target: activation(2, 3, 8, 12),
    },
    loss(o, v) {
      const skip = o.elu(o.shiftNorm(o.conv2d(v.x, v.w1, seven), v['n1.shift']));
      const deep = o.elu(o.conv2d(skip, v.w2, five));
      const up = o.elu(o.shiftNorm(o.convTranspose2d(deep, v.w3, five), v['n3.shift']));
      return o.mae(o.elu(o.convTranspose2d(o.sumProduct(up, skip), v.w4, seven)), v.target);
    },
  }),
  gradientCase('logarithm, blend with a photo, and power, mid-graph', {
    variables: {
      x: activation(2, 3, 5, 4),
      w1: weight(3, 3, 3, 3),
      w2: weight(5, 3, 3, 3),
      w3: weight(3, 5, 3, 3),
      target: activation(2, 3, 5, 4),
    },
    loss(o, v) {
      const skip = o.logSquare(o.conv2d(v.x, v.w1, same), { scale: 0.5, offset: 0.1 });
      const light = o.hdrBlend(randomDense([2, 3, 5, 4], 'photo', 0.3, 1), skip);
      const logarithm = o.log(light, { scale: 1, offset: 0.1 });
      const output = o.conv2d(o.elu(o.conv2d(logarithm, v.w2, same)), v.w3, same);
      return o.mse(o.add(output, o.power(light, { exponent: 1 / 2.2, factor: 0.5 })), v.target);
    },
  }),
  gradientCase('bilateral slice, mid-graph', {
    variables: {
      view: activation(2, 3, 6, 4),
      photo: activation(2, 3, 11, 7),
      wGrid: weight(48, 3, 3, 3),
      wGuide: weight(1, 3, 1, 1),
      wColour: weight(3, 3, 3, 3),
      wOut: weight(2, 3, 3, 3),
      target: activation(2, 2, 11, 7),
    },
    loss(o, v) {
      const grid = o.conv2d(v.view, v.wGrid, { stride: 2, padding: 1 });
      const guide = o.conv2d(v.photo, v.wGuide, { stride: 1, padding: 0 });
      const colours = o.conv2d(v.photo, v.wColour, { ...same, relu: true });
      return o.mse(o.conv2d(o.relu(o.bilateralSlice(grid, guide, colours)), v.wOut, same), v.target);
    },
  }),
  gradientCase('a small network with skip and global feature', {
    variables: {
      x: activation(2, 3, 6, 4),
      wLocal: weight(4, 3, 3, 3),
      'local.gamma': activation(1, 4, 1, 1),
      'local.beta': activation(1, 4, 1, 1),
      wDeep: weight(5, 4, 3, 3),
      wGlobal: weight(3, 3, 4, 4),
      wUp: weight(8, 4, 4, 4),
      wOut: weight(3, 8, 3, 3),
      bOut: activation(1, 3, 1, 1),
      target: activation(2, 3, 6, 4),
    },
    ranges: { 'local.gamma': [0.5, 1.5] },
    loss(o, v) {
      const convolved = o.conv2d(v.x, v.wLocal, same);
      const skip = o.batchNorm(convolved, v['local.gamma'], v['local.beta'], { relu: true });
      const deep = o.conv2d(o.maxPool2x2(skip), v.wDeep, { ...same, relu: true });
      const image = o.resizeBilinear(v.x, { height: 4, width: 4 });
      const feature = o.conv2d(image, v.wGlobal, { stride: 1, padding: 0 });
      const joined = o.concat(deep, o.replicate(feature, { height: 3, width: 2 }));
      const up = o.convTranspose2d(joined, v.wUp, { stride: 2, padding: 1, relu: true });
      const output = o.conv2d(o.concat(skip, up), v.wOut, { ...same, bias: v.bOut });
      return o.mse(output, v.target);
    },
  }),
];
