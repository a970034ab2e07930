import code from '../../shaders/concat.wgsl?raw';
import type { KernelCall, KernelSource } from '../gpu/kernel-call';
import type { KernelContext } from './context';
import { planeCall } from './planes';
import { bytesOf } from './pointwise';
import { requireShape } from './shapes';
import { blocks, type Tensor, type Tensors } from './tensor';

const concatKernel: KernelSource = { name: 'concat', code, entryPoint: 'concat' };
const sliceKernel: KernelSource = { name: 'concat_slice', code, entryPoint: 'slice' };

type Joined<B> = Tensors<B, 'a' | 'b' | 'y'>;

/**
 * y = the channels of a, then those of b. Whole blocks are copied where a has a multiple of 4 channels.
 *
 * @throws {ShapeError} unless N, H and W agree and y has the channels of both.
 */
export function concatForward<B>(context: KernelContext<B>, { a, b, y }: Joined<B>): KernelCall<B>[] {
  check('concatForward', { a, b, y }, ['a', 'b', 'y']);
  const [kernel, bytes] = [concatKernel, bytesOf(a, b, y)];
  return [channelsCall(context, { kernel, a, b, y, channel: a.shape[1], bytes })];
}

/**
 * Splits dy into the gradients of a and b.
 *
 * @throws {ShapeError} unless N, H and W agree and dy has the channels of both.
 */
export function concatBackward<B>(
  context: KernelContext<B>,
  { dy, da, db }: Tensors<B, 'dy' | 'da' | 'db'>,
): KernelCall<B>[] {
  check('concatBackward', { a: da, b: db, y: dy }, ['da', 'db', 'dy']);
  const slice = (y: Tensor<B>, channel: number) =>
    channelsCall(context, { kernel: sliceKernel, a: dy, y, channel, bytes: 2 * bytesOf(y) });
  return [slice(da, 0), slice(db, da.shape[1])];
}

function check(
  operator: string,
  { a, b, y }: Joined<unknown>,
  [aName, bName, yName]: readonly [string, string, string],
): void {
  const [batch, channels, height, width] = a.shape;
  const both = channels + b.shape[1];
  requireShape(operator, { [aName]: a }, a.shape, 'an activation');
  requireShape(operator, { [bName]: b }, [batch, b.shape[1], height, width], `N, H and W as ${aName} has`);
  requireShape(
    operator,
    { [yName]: y },
    [batch, both, height, width],
    `the channels of ${aName} and ${bName}`,
  );
}

interface ChannelsCall<B> extends Tensors<B, 'a' | 'y'> {
  readonly kernel: KernelSource;
  readonly b?: Tensor<B>;
  /** The position of b in y, or of y's range in a. */
  readonly channel: number;
  readonly bytes: number;
}

function channelsCall<B>(
  context: KernelContext<B>,
  { kernel, a, b, y, channel, bytes }: ChannelsCall<B>,
): KernelCall<B> {
  const channels = y.shape[1];
  return planeCall(context, {
    kernel,
    constants: { SHIFT: channel % 4 },
    y,
    params: {
      ...{ a_blocks: blocks(a.shape[1]), b_blocks: b ? blocks(b.shape[1]) : 0, y_blocks: blocks(channels) },
      ...{ whole: Math.floor(channel / 4), y_channels: channels },
    },
    bindings: [a.buffer, y.buffer, ...(b ? [b.buffer] : [])],
    flops: 0,
    bytes,
  });
}
