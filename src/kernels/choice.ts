import type { Choosing } from './context';
import type { Gather, WeightGradientGeometry } from './convolution/lattice';
import type { ConvolutionFamily } from './policy';

/**
 * The one place that decides which variant of a convolution an adapter and a shape get: the first family of the
 * policy that can do it. A decision is plain data, and the dispatch is computed from that same decision.
 */
export type ConvolutionChoice =
  | { readonly family: 'subgroup'; readonly taps: 2 | 3 }
  | { readonly family: 'direct'; readonly workgroup: number };

export type WeightGradientChoice = ConvolutionChoice & {
  /** Parts into which the sum over output rows is split, and rows in each. */
  readonly splits: number;
  readonly rowsPerSplit: number;
};

export function chooseConvolution(choosing: Choosing, gather: Gather): ConvolutionChoice {
  const { tapsY, tapsX, inStride } = gather;
  return firstOf(choosing.policy.gather, (family) => {
    switch (family) {
      case 'subgroup':
        return tapsY === tapsX ? subgroup(choosing, tapsY / inStride) : undefined;
      case 'direct':
        return direct(choosing);
    }
  });
}

export function chooseWeightGradient(
  choosing: Choosing,
  geometry: WeightGradientGeometry,
): WeightGradientChoice {
  const { kernelH, kernelW, stride, xBlocks, dyBlocks, rows } = geometry;
  const { policy } = choosing;
  const choice = firstOf(policy.weightGradient, (family) => {
    switch (family) {
      case 'subgroup':
        return kernelH === kernelW ? subgroup(choosing, kernelH / stride) : undefined;
      case 'direct':
        return direct(choosing);
    }
  });
  // Enough workgroups to fill the adapter, and no more: each split writes one copy of the weights.
  const parts =
    choice.family === 'subgroup'
      ? xBlocks * Math.ceil(dyBlocks / 2) * stride * stride
      : Math.ceil((Math.ceil(xBlocks / 2) * kernelH * kernelW) / choice.workgroup) * Math.ceil(dyBlocks / 2);
  const wanted = Math.max(1, Math.ceil(policy.weightGradientWorkgroups / parts));
  const rowsPerSplit = Math.ceil(rows / Math.min(rows, wanted));
  return { ...choice, rowsPerSplit, splits: Math.ceil(rows / rowsPerSplit) };
}

/** What `choose` makes of the first family that can; `direct` can always. */
function firstOf(
  families: readonly ConvolutionFamily[],
  choose: (family: ConvolutionFamily) => ConvolutionChoice | undefined,
): ConvolutionChoice {
  for (const family of families) {
    const choice = choose(family);
    if (choice) return choice;
  }
  return choose('direct')!;
}

const direct = ({ policy }: Choosing): ConvolutionChoice => ({
  family: 'direct',
  workgroup: policy.workgroup,
});

/** Kernels of 2 x 2 or 3 x 3 taps, on adapters with subgroups of 8 lanes. */
function subgroup({ traits }: Choosing, taps: number): ConvolutionChoice | undefined {
  if (traits.subgroupSize !== 8) return undefined;
  return taps === 2 || taps === 3 ? { family: 'subgroup', taps } : undefined;
}
