import type { KernelCase } from '../kernels/harness';
import { randomDense } from '../support/random';
import { activation, gradientCase, weight } from './gradient-case';

const same = { stride: 1, padding: 1 };

/** Finite differences through graphs of several operators; each operator alone has its own in `test/operators`. */
export const cases: readonly KernelCase[] = [
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
