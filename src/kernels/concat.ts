import code from '../../shaders/concat.wgsl?raw';
import type { KernelCall, KernelSource } from '../gpu/kernel-call';
import type { KernelContext } from './context';
import { foldWorkgroups } from './dispatch';
import { bytesOf } from './pointwise';
import { requireShape } from './shapes';
import { blocks, type Tensor } from './tensor';
import { stripsOf } from './work-sharing';

const concatKernel: KernelSource = { name: 'concat', code, entryPoint: 'concat' };
const sliceKernel: KernelSource = { name: 'concat_slice', code, entryPoint: 'slice' };

interface Joined<B> {
  readonly a: Tensor<B>;
  readonly b: Tensor<B>;
  readonly y: Tensor<B>;
}

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
  { dy, da, db }: { readonly dy: Tensor<B>; readonly da: Tensor<B>; readonly db: Tensor<B> },
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

/** `channel`: the position of b in y, or of y's range in a. */
function channelsCall<B>(
  context: KernelContext<B>,
  {
    kernel,
    a,
    b,
    y,
    channel,
    bytes,
  }: Omit<Joined<B>, 'b'> & {
    readonly kernel: KernelSource;
    readonly b?: Tensor<B>;
    readonly channel: number;
    readonly bytes: number;
  },
): KernelCall<B> {
  const [batch, channels, height, width] = y.shape;
  const planes = batch * blocks(channels);
  const inner = height * width;
  const { workgroup, strip, strips } = stripsOf(context, inner, planes);
  return {
    kernel,
    label: context.label,
    constants: { WORKGROUP: workgroup, SHIFT: channel % 4 },
    params: {
      ...{ planes, inner, strip, strips },
      ...{ a_blocks: blocks(a.shape[1]), b_blocks: b ? blocks(b.shape[1]) : 0, y_blocks: blocks(channels) },
      ...{ whole: Math.floor(channel / 4), y_channels: channels },
    },
    bindings: [a.buffer, y.buffer, ...(b ? [b.buffer] : [])],
    dispatch: foldWorkgroups(context.traits, planes * strips),
    flops: 0,
    bytes,
  };
}
