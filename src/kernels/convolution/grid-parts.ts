import type { KernelCall } from '../../gpu/kernel-call';
import { MOST_FLOPS } from './bands';

/** For a call whose grid begins at the origin. */
export const WHOLE_GRID = { first_x: 0, first_y: 0, first_z: 0 };

/**
 * Divides the workgroups of a call with too much work for one dispatch, along the longest axis. The shader adds the
 * parameters `first_x`, `first_y` and `first_z` to a workgroup's index, so the results have the same bits.
 */
export function gridParts<B>(call: KernelCall<B>, mostFlops = MOST_FLOPS): KernelCall<B>[] {
  const { dispatch, params, flops, bytes } = call;
  const whole = Math.max(...dispatch);
  const each = Math.ceil(whole / Math.max(1, Math.ceil(flops / mostFlops)));
  if (each === whole) return [call];
  const axis = dispatch.indexOf(whole);
  return Array.from({ length: Math.ceil(whole / each) }, (_, part) => {
    const count = Math.min(each, whole - part * each);
    const [x, y, z] = dispatch.with(axis, count);
    return {
      ...call,
      params: { ...params, [['first_x', 'first_y', 'first_z'][axis]!]: part * each },
      dispatch: [x!, y!, z!] as const,
      flops: (flops * count) / whole,
      bytes: (bytes * count) / whole,
    };
  });
}
