import { CONVOLUTION, type ConvolutionKind, passesOf, TRANSPOSED } from '../../kernels/conv2d';
import type { ConvolutionAttributes } from '../../kernels/convolution/lattice';
import { requireInteger, requireLayout, requireShape, requireThat } from '../../kernels/shapes';
import type { Shape } from '../../kernels/tensor';
import type { Gradients, SymbolicTensor } from '../graph';
import { describe, moduleName, named } from '../names';
import { channelSum } from './channel-sum';
import { reluGradient } from './elementwise';

export interface Conv2dAttributes extends ConvolutionAttributes {
  /** One value per output channel: [1, O, 1, 1]. */
  readonly bias?: SymbolicTensor;
  /** Fuses max(., 0) into the same pass. */
  readonly relu?: boolean;
}

type Convolution = (x: SymbolicTensor, w: SymbolicTensor, attributes: Conv2dAttributes) => SymbolicTensor;

/**
 * Cross-correlation with zero padding, as in PyTorch: x [N, I, H, W], w [O, I, KH, KW], result
 * [N, O, (H + padding + paddingAfter - KH) / stride + 1, ...] rounded down.
 *
 * @throws ShapeError if the channels do not match or the kernel is larger than the padded image.
 */
export const conv2d: Convolution = (x, w, attributes) => addLayer(CONVOLUTION, x, w, attributes);

/**
 * Transposed convolution, as in PyTorch: the adjoint of a convolution. x [N, I, H, W], w [I, O, KH, KW],
 * result [N, O, (H - 1) stride - padding - paddingAfter + KH, ...].
 *
 * @throws ShapeError if the channels do not match or the padding leaves nothing.
 */
export const convTranspose2d: Convolution = (x, w, attributes) => addLayer(TRANSPOSED, x, w, attributes);

function addLayer(
  kind: ConvolutionKind,
  x: SymbolicTensor,
  w: SymbolicTensor,
  { stride, padding, paddingAfter = padding, bias, relu = false }: Conv2dAttributes,
): SymbolicTensor {
  const { graph } = x;
  const passes = passesOf(kind);
  const label = moduleName(w);
  const attributes = { stride, padding, paddingAfter };
  const { y } = graph.node({
    operator: kind.name,
    label,
    inputs: { x, w, ...(bias && { bias }) },
    outputs: { y: { name: `${label}.output`, shape: outputShape(kind, x, w, attributes, bias) } },
    attributes: { ...attributes, relu },
    canPool: !kind.isTransposed,
    emit: (context, tensors, pooled) =>
      passes.forward(context, { ...tensors, pooled }, { ...attributes, relu }),
    derivative: ([dy], [wantX, wantW, wantBias]): Gradients => {
      const dz = relu ? reluGradient(y, dy!, label) : dy!;
      return [
        wantX ? inputGradient(dz) : undefined,
        wantW ? weightGradient(dz) : undefined,
        wantBias && bias !== undefined ? channelSum(dz, `${bias.name}.grad`, label) : undefined,
      ];
    },
  });
  return y;

  function inputGradient(dy: SymbolicTensor): SymbolicTensor {
    return graph.node({
      operator: `${kind.name}InputGradient`,
      label,
      inputs: { dy, w },
      outputs: { dx: { name: `${label}.input.grad`, shape: x.shape } },
      emit: (context, tensors) => passes.inputGradient(context, tensors, attributes),
    }).dx;
  }

  function weightGradient(dy: SymbolicTensor): SymbolicTensor {
    return graph.node({
      operator: `${kind.name}WeightGradient`,
      label,
      inputs: { x, dy },
      outputs: { dw: { name: `${w.name}.grad`, shape: w.shape, layout: 'weight' } },
      emit: (context, tensors) => passes.weightGradient(context, tensors, attributes),
    }).dw;
  }
}

function outputShape(
  { name, inputAxis, outputShape }: ConvolutionKind,
  x: SymbolicTensor,
  w: SymbolicTensor,
  attributes: Required<ConvolutionAttributes>,
  bias: SymbolicTensor | undefined,
): Shape {
  requireLayout(name, named(x), 'activation');
  requireLayout(name, named(w), 'weight');
  requireInteger(name, 'stride', attributes.stride, 1);
  requireInteger(name, 'padding', attributes.padding, 0);
  requireInteger(name, 'paddingAfter', attributes.paddingAfter, 0);
  const [inputs, channels] = [w.shape[inputAxis], x.shape[1]];
  const message = `${describe(w)} expects ${inputs} input channels, but ${describe(x)} has ${channels}.`;
  requireThat(name, channels === inputs, message);
  const shape = outputShape(x.shape, w.shape, attributes);
  const nothing = `nothing is left of ${describe(x)} under ${describe(w)} with padding ${attributes.padding}.`;
  requireThat(name, shape[2] >= 1 && shape[3] >= 1, nothing);
  if (bias !== undefined)
    requireShape(name, named(bias), [1, shape[1], 1, 1], `one value per channel of ${describe(w)}`);
  return shape;
}
