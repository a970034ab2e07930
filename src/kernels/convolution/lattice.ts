/**
 * Geometry of convolutions, forward and backward, as gathers: an output pixel phase + q * outStride reads the
 * input pixels origin + q * inStride + t for t in 0 .. taps - 1 with the kernel positions tap0 + t * tapStep.
 *
 * A forward convolution is one gather. Its input gradient with stride s is s * s gathers, one for each phase of
 * the output, each with only the kernel positions that reach it. A transposed convolution is the input gradient
 * of the convolution with the same weights, and vice versa.
 */
export interface Gather {
  readonly qH: number;
  readonly qW: number;
  readonly inStride: number;
  readonly originY: number;
  readonly originX: number;
  readonly outStride: number;
  readonly phaseY: number;
  readonly phaseX: number;
  readonly tapsY: number;
  readonly tapsX: number;
  readonly tap0Y: number;
  readonly tap0X: number;
  readonly tapStep: number;
  /**
   * Phases along each axis that are computed together; default 1. Phase k starts at phaseY + k, reads from originY +
   * k * originStep on, and its first kernel position is tap0Y + k * tap0Step; likewise along x.
   */
  readonly phases?: { readonly count: number; readonly originStep: number; readonly tap0Step: number };
}

/** Number of phases in a gather. */
export const phaseCount = ({ phases }: Gather): number => (phases ? phases.count ** 2 : 1);

export interface ConvolutionAttributes {
  readonly stride: number;
  /** Rows and columns of zeros above and to the left of x. */
  readonly padding: number;
  /** The same below and to the right. Default: equal to `padding`. */
  readonly paddingAfter?: number;
}

/** Zeros along one axis, before and after. */
const paddings = ({ padding, paddingAfter = padding }: ConvolutionAttributes): number =>
  padding + paddingAfter;

/** Output size along one axis of a convolution. */
export const convolvedSize = (size: number, kernel: number, attributes: ConvolutionAttributes): number =>
  Math.floor((size + paddings(attributes) - kernel) / attributes.stride) + 1;

/** Output size along one axis of a transposed convolution. */
export const transposedSize = (size: number, kernel: number, attributes: ConvolutionAttributes): number =>
  (size - 1) * attributes.stride - paddings(attributes) + kernel;

/** The gather of a forward convolution with a kernel of kH x kW whose output is yH x yW. */
export function forwardGather(
  kernel: readonly [number, number],
  output: readonly [number, number],
  { stride, padding }: ConvolutionAttributes,
): Gather {
  return {
    qH: output[0],
    qW: output[1],
    inStride: stride,
    originY: -padding,
    originX: -padding,
    outStride: 1,
    phaseY: 0,
    phaseX: 0,
    tapsY: kernel[0],
    tapsX: kernel[1],
    tap0Y: 0,
    tap0X: 0,
    tapStep: 1,
  };
}

/** One axis of one phase of an input gradient. */
function phaseAxis(phase: number, size: number, kernel: number, { stride, padding }: ConvolutionAttributes) {
  // Kernel position k connects output i = phase + q * stride to row (i + padding - k) / stride of dy, so k is first,
  // first + stride, ...; the largest comes first, so that rows of dy ascend.
  const first = (phase + padding) % stride;
  const taps = first < kernel ? Math.ceil((kernel - first) / stride) : 0;
  return {
    count: Math.max(0, Math.ceil((size - phase) / stride)),
    taps,
    tap0: first + stride * (taps - 1),
    origin: (phase + padding - first) / stride - (taps - 1),
  };
}

/** The gathers of an input gradient with a kernel of kH x kW and a dx of size H x W. */
export function inputGradientGathers(
  kernel: readonly [number, number],
  size: readonly [number, number],
  attributes: ConvolutionAttributes,
): Gather[] {
  const { stride } = attributes;
  const gathers: Gather[] = [];
  for (let phaseY = 0; phaseY < stride; phaseY++) {
    for (let phaseX = 0; phaseX < stride; phaseX++) {
      const y = phaseAxis(phaseY, size[0], kernel[0], attributes);
      const x = phaseAxis(phaseX, size[1], kernel[1], attributes);
      if (y.count === 0 || x.count === 0) continue;
      gathers.push({
        qH: y.count,
        qW: x.count,
        inStride: 1,
        originY: y.origin,
        originX: x.origin,
        outStride: stride,
        phaseY,
        phaseX,
        tapsY: y.taps,
        tapsX: x.taps,
        tap0Y: y.tap0,
        tap0X: x.tap0,
        tapStep: -stride,
      });
    }
  }
  return gathers;
}

/** All phases of an input gradient as one gather, if they have equal sizes and even spacing: an even size, stride 2. */
export function joinedPhases(gathers: readonly Gather[]): Gather | undefined {
  const [first] = gathers;
  const count = first?.outStride ?? 1;
  if (!first || count !== 2 || gathers.length !== count ** 2) return undefined;
  const last = gathers.at(-1)!;
  const originStep = last.originY - first.originY;
  const tap0Step = last.tap0Y - first.tap0Y;
  const isEven = gathers.every(
    (gather) =>
      gather.qH === first.qH &&
      gather.qW === first.qW &&
      gather.tapsY === first.tapsY &&
      gather.tapsX === first.tapsX &&
      gather.originY === first.originY + gather.phaseY * originStep &&
      gather.originX === first.originX + gather.phaseX * originStep &&
      gather.tap0Y === first.tap0Y + gather.phaseY * tap0Step &&
      gather.tap0X === first.tap0X + gather.phaseX * tap0Step,
  );
  return isEven ? { ...first, phases: { count, originStep, tap0Step } } : undefined;
}
