import { ShapeError } from '../../errors';
import { conv2dForward, conv2dInputGradient, conv2dWeightGradient } from '../../kernels/conv2d';
import { type ConvolutionAttributes, convolvedSize } from '../../kernels/convolution/lattice';
import type { Shape } from '../../kernels/tensor';
import type { SymbolicTensor } from '../graph';
import { describe, moduleName, requireInteger, requireLayout, requireVector } from '../shape-rules';
import { channelSum } from './channel-sum';
import { reluGradient } from './elementwise';

export interface Conv2dAttributes extends ConvolutionAttributes {
  /** One value per output channel: [1, O, 1, 1]. */
  readonly bias?: SymbolicTensor;
  /** Fuses max(., 0) into the same pass. */
  readonly relu?: boolean;
}

/**
 * Cross-correlation with zero padding, as in PyTorch: x [N, I, H, W], w [O, I, KH, KW], result
 * [N, O, (H + padding + paddingAfter - KH) / stride + 1, ...] rounded down.
 *
 * @throws ShapeError if the channels do not match or the kernel is larger than the padded image.
 */
export function conv2d(x: SymbolicTensor, w: SymbolicTensor, attributes: Conv2dAttributes): SymbolicTensor {
  const { bias, relu = false } = attributes;
  const lattice = latticeOf(attributes);
  const label = moduleName(w);
  const y = x.graph.intermediate(`${label}.output`, outputShape(x, w, attributes));
  x.graph.node({
    operator: 'conv2d',
    label,
    inputs: bias === undefined ? [x, w] : [x, w, bias],
    outputs: [y],
    updates: [],
    emit: (context, at) => {
      const tensors = { x: at(x), w: at(w), y: at(y) };
      const all = bias === undefined ? tensors : { ...tensors, bias: at(bias) };
      return conv2dForward(context, all, { ...lattice, relu });
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
  requireLayout('conv2d', x, 'activation');
  requireLayout('conv2d', w, 'weight');
  requireInteger('conv2d', 'stride', stride, 1);
  requireInteger('conv2d', 'padding', padding, 0);
  requireInteger('conv2d', 'paddingAfter', lattice.paddingAfter, 0);
  const [n, channels, height, width] = x.shape;
  const [outputs, inputs, kh, kw] = w.shape;
  if (channels !== inputs) {
    throw new ShapeError(
      `conv2d: ${describe(w)} expects ${inputs} input channels, but ${describe(x)} has ${channels}.`,
    );
  }
  const shape: Shape = [n, outputs, convolvedSize(height, kh, lattice), convolvedSize(width, kw, lattice)];
  if (shape[2] < 1 || shape[3] < 1) {
    throw new ShapeError(`conv2d: ${describe(w)} is larger than ${describe(x)} with padding ${padding}.`);
  }
  if (bias !== undefined) requireVector('conv2d', bias, w, outputs);
  return shape;
}

/** What the kernels need of the attributes. */
export const latticeOf = ({ stride, padding, paddingAfter = padding }: ConvolutionAttributes) => ({
  stride,
  padding,
  paddingAfter,
});

function inputGradient(
  x: SymbolicTensor,
  w: SymbolicTensor,
  dy: SymbolicTensor,
  attributes: Conv2dAttributes,
): SymbolicTensor {
  const label = moduleName(w);
  const dx = x.graph.intermediate(`${label}.input.grad`, x.shape);
  x.graph.node({
    operator: 'conv2dInputGradient',
    label,
    inputs: [dy, w],
    outputs: [dx],
    updates: [],
    emit: (context, at) =>
      conv2dInputGradient(context, { dy: at(dy), w: at(w), dx: at(dx) }, latticeOf(attributes)),
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
    operator: 'conv2dWeightGradient',
    label: moduleName(w),
    inputs: [x, dy],
    outputs: [dw],
    updates: [],
    emit: (context, at) =>
      conv2dWeightGradient(context, { x: at(x), dy: at(dy), dw: at(dw) }, latticeOf(attributes)),
  });
  return dw;
}
