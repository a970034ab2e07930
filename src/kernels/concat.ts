import concatCode from '../../shaders/concat.wgsl?raw';
import sliceCode from '../../shaders/slice_channels.wgsl?raw';
import type { KernelCall } from '../gpu/kernel-call';
import type { KernelContext } from './context';
import { foldWorkgroups } from './dispatch';
import { bytesOf } from './pointwise';
import { requireShape } from './shapes';
import { blocks, type Tensor } from './tensor';
import { stripsOf } from './work-sharing';

const concatKernel = { name: 'concat', code: concatCode };
const sliceKernel = { name: 'slice_channels', code: sliceCode };

/**
 * y = the channels of a, then those of b. Whole blocks are copied where a has a multiple of 4 channels.
 *
 * @throws {ShapeError} unless N, H and W agree and y has the channels of both.
 */
export function concatForward<B>(
  context: KernelContext<B>,
  { a, b, y }: { readonly a: Tensor<B>; readonly b: Tensor<B>; readonly y: Tensor<B> },
): KernelCall<B>[] {
  const [batch, aChannels, height, width] = a.shape;
  const bChannels = b.shape[1];
  requireShape('concatForward', { a }, a.shape, 'it is no weight');
  requireShape('concatForward', { b }, [batch, bChannels, height, width], 'N, H and W as a has');
  requireShape(
    'concatForward',
    { y },
    [batch, aChannels + bChannels, height, width],
    'the channels of a and b',
  );
  const yBlocks = blocks(aChannels + bChannels);
  const planes = batch * yBlocks;
  const inner = height * width;
  const { workgroup, strip, strips } = stripsOf(context, inner, planes);
  const whole = Math.floor(aChannels / 4);
  return [
    {
      kernel: concatKernel,
      label: context.label,
      constants: { WORKGROUP: workgroup, SHIFT: aChannels % 4 },
      params: {
        ...{ planes, inner, strip, strips },
        ...{ a_blocks: blocks(aChannels), a_whole: whole, b_blocks: blocks(bChannels), y_blocks: yBlocks },
      },
      bindings: [a.buffer, b.buffer, y.buffer],
      dispatch: foldWorkgroups(context.traits, planes * strips),
      flops: 0,
      bytes: bytesOf(a, b, y),
    },
  ];
}

/**
 * Splits dy into the gradients of a and b.
 *
 * @throws {ShapeError} unless N, H and W agree and dy has the channels of both.
 */
export function concatBackward<B>(
  context: KernelContext<B>,
  { dy, da, db }: { readonly dy: Tensor<B>; readonly da: Tensor<B>; readonly db: Tensor<B> },
): KernelCall<B>[] {
  const [batch, aChannels, height, width] = da.shape;
  const bChannels = db.shape[1];
  requireShape('concatBackward', { da }, da.shape, 'it is no weight');
  requireShape('concatBackward', { db }, [batch, bChannels, height, width], 'N, H and W as da has');
  requireShape(
    'concatBackward',
    { dy },
    [batch, aChannels + bChannels, height, width],
    'the channels of da and db',
  );
  return [sliceChannels(context, dy, da, 0), sliceChannels(context, dy, db, aChannels)];
}

/** y = the channels of x from `first` on, as many as y has. */
function sliceChannels<B>(
  context: KernelContext<B>,
  x: Tensor<B>,
  y: Tensor<B>,
  first: number,
): KernelCall<B> {
  const [batch, channels, height, width] = y.shape;
  const yBlocks = blocks(channels);
  const planes = batch * yBlocks;
  const inner = height * width;
  const { workgroup, strip, strips } = stripsOf(context, inner, planes);
  return {
    kernel: sliceKernel,
    label: context.label,
    constants: { WORKGROUP: workgroup, SHIFT: first % 4 },
    params: {
      ...{ planes, inner, strip, strips, x_blocks: blocks(x.shape[1]) },
      ...{ first_block: Math.floor(first / 4), y_blocks: yBlocks, y_channels: channels },
    },
    bindings: [x.buffer, y.buffer],
    dispatch: foldWorkgroups(context.traits, planes * strips),
    flops: 0,
    bytes: 2 * bytesOf(y),
  };
}
