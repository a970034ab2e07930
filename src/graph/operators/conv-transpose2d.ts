import { ShapeError } from '../../errors';
import {
  convTranspose2dForward,
  convTranspose2dInputGradient,
  convTranspose2dWeightGradient,
} from '../../kernels/conv-transpose2d';
import { transposedSize } from '../../kernels/convolution/lattice';
import type { Shape } from '../../kernels/tensor';
import type { SymbolicTensor } from '../graph';
import { describe, moduleName, requireInteger, requireLayout, requireVector } from '../shape-rules';
import { channelSum } from './channel-sum';
import { type Conv2dAttributes, latticeOf } from './conv2d';
import { reluGradient } from './elementwise';

/**
 * Transposed convolution, as in PyTorch: the adjoint of a convolution. x [N, I, H, W], w [I, O, KH, KW],
 * result [N, O, (H - 1) stride - padding - paddingAfter + KH, ...].
 *
 * @throws ShapeError if the channels do not match or the padding leaves nothing.
 */
export function convTranspose2d(
  x: SymbolicTensor,
  w: SymbolicTensor,
  attributes: Conv2dAttributes,
): SymbolicTensor {
  const { bias, relu = false } = attributes;
  const lattice = latticeOf(attributes);
  const label = moduleName(w);
  const y = x.graph.intermediate(`${label}.output`, outputShape(x, w, attributes));
  x.graph.node({
    operator: 'convTranspose2d',
    label,
    inputs: bias === undefined ? [x, w] : [x, w, bias],
    outputs: [y],
    updates: [],
    emit: (context, at) => {
      const tensors = { x: at(x), w: at(w), y: at(y) };
      const all = bias === undefined ? tensors : { ...tensors, bias: at(bias) };
      return convTranspose2dForward(context, all, { ...lattice, relu });
    },
    derivative: ([dy], [wantX, wantW, wantBias]) => {
      if (dy === undefined) return [];
      const dz = relu ? reluGradient(y, dy, label) : dy;
      return [
        wantX ? inputGradient(x, w, dz, attributes) : undefined,
        wantW ? weightGradient(x, w, dz, attributes) : undefined,
        wantBias && bias !== undefined ? channelSum(dz, `${bias.name}.grad`, label) : undefined,
      ];
    },
  });
  return y;
}

function outputShape(x: SymbolicTensor, w: SymbolicTensor, attributes: Conv2dAttributes): Shape {
  const { stride, padding, bias } = attributes;
  const lattice = latticeOf(attributes);
  requireLayout('convTranspose2d', x, 'activation');
  requireLayout('convTranspose2d', w, 'weight');
  requireInteger('convTranspose2d', 'stride', stride, 1);
  requireInteger('convTranspose2d', 'padding', padding, 0);
  requireInteger('convTranspose2d', 'paddingAfter', lattice.paddingAfter, 0);
  const [n, channels, height, width] = x.shape;
  const [inputs, outputs, kh, kw] = w.shape;
  if (channels !== inputs) {
    throw new ShapeError(
      `convTranspose2d: ${describe(w)} expects ${inputs} input channels, but ${describe(x)} has ${channels}.`,
    );
  }
  const shape: Shape = [n, outputs, transposedSize(height, kh, lattice), transposedSize(width, kw, lattice)];
  if (shape[2] < 1 || shape[3] < 1) {
    throw new ShapeError(
      `convTranspose2d: padding ${padding} leaves nothing of ${describe(x)} under ${describe(w)}.`,
    );
  }
  if (bias !== undefined) requireVector('convTranspose2d', bias, w, outputs);
  return shape;
}

function inputGradient(
  x: SymbolicTensor,
  w: SymbolicTensor,
  dy: SymbolicTensor,
  attributes: Conv2dAttributes,
): SymbolicTensor {
  const label = moduleName(w);
  const dx = x.graph.intermediate(`${label}.input.grad`, x.shape);
  x.graph.node({
    operator: 'convTranspose2dInputGradient',
    label,
    inputs: [dy, w],
    outputs: [dx],
    updates: [],
    emit: (context, at) =>
      convTranspose2dInputGradient(context, { dy: at(dy), w: at(w), dx: at(dx) }, latticeOf(attributes)),
  });
  return dx;
}

function weightGradient(
  x: SymbolicTensor,
  w: SymbolicTensor,
  dy: SymbolicTensor,
  attributes: Conv2dAttributes,
): SymbolicTensor {
  const dw = x.graph.intermediate(`${w.name}.grad`, w.shape, 'weight');
  x.graph.node({
    operator: 'convTranspose2dWeightGradient',
    label: moduleName(w),
    inputs: [x, dy],
    outputs: [dw],
    updates: [],
    emit: (context, at) =>
      convTranspose2dWeightGradient(context, { x: at(x), dy: at(dy), dw: at(dw) }, latticeOf(attributes)),
  });
  return dw;
}
