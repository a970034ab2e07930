/**
 * The image pyramid of exposure fusion: five-tap low-pass (1 4 6 4 1)/16 per axis (P. Burt, E. Adelson, 1983), with
 * borders as in the program of Mertens et al. Planes are row-major float64.
 */

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Sizes of all levels, finest first: floor(log2(short side)) levels, at least 1, each half as large, rounded up. */
export function pyramidSizes(width: number, height: number): Size[] {
  const count = Math.max(1, Math.floor(Math.log2(Math.min(width, height))));
  const sizes: Size[] = [{ width, height }];
  for (let level = 1; level < count; level++) {
    const finer = sizes[level - 1] as Size;
    sizes.push({ width: Math.ceil(finer.width / 2), height: Math.ceil(finer.height / 2) });
  }
  return sizes;
}

/** A Gaussian pyramid that reuses its memory for each `build`. */
export class GaussianPyramid {
  readonly sizes: readonly Size[];
  readonly levels: readonly Float64Array[];
  readonly #halfWide: Float64Array;

  constructor(sizes: readonly Size[]) {
    this.sizes = sizes;
    this.levels = sizes.map((size) => new Float64Array(size.width * size.height));
    const finest = sizes[0] as Size;
    this.#halfWide = new Float64Array(Math.ceil(finest.width / 2) * finest.height);
  }

  /** Builds all levels from a plane. */
  build(plane: Float64Array): void {
    this.levels[0]!.set(plane);
    this.#reduce();
  }

  /** Builds all levels from one channel of an 8-bit RGB picture, scaled to 0..1. */
  buildChannel(photo: Uint8Array, channel: number): void {
    const finest = this.levels[0]!;
    for (let i = 0, j = channel; i < finest.length; i++, j += 3) finest[i] = (photo[j] as number) / 255;
    this.#reduce();
  }

  #reduce(): void {
    for (let level = 1; level < this.sizes.length; level++) {
      downsample(this.levels[level - 1]!, this.sizes[level - 1]!, this.levels[level]!, this.#halfWide);
    }
  }
}

/** Low-pass with mirrored borders (repeating the edge pixel), then every second sample, starting with the first. */
function downsample(fine: Float64Array, size: Size, coarse: Float64Array, halfWide: Float64Array): void {
  const { width, height } = size;
  const coarseWidth = Math.ceil(width / 2);
  const coarseHeight = Math.ceil(height / 2);
  for (let y = 0; y < height; y++) {
    for (let i = 0; i < coarseWidth; i++) {
      halfWide[y * coarseWidth + i] = lowPass(fine, y * width, 1, 2 * i, width);
    }
  }
  for (let j = 0; j < coarseHeight; j++) {
    for (let x = 0; x < coarseWidth; x++) {
      coarse[j * coarseWidth + x] = lowPass(halfWide, x, coarseWidth, 2 * j, height);
    }
  }
}

/** The five taps around `centre` along one line of `length` samples. */
function lowPass(plane: Float64Array, start: number, stride: number, centre: number, length: number): number {
  if (centre >= 2 && centre + 2 < length) {
    const i = start + centre * stride;
    const outer = (plane[i - 2 * stride] as number) + (plane[i + 2 * stride] as number);
    const inner = (plane[i - stride] as number) + (plane[i + stride] as number);
    return (outer + 4 * inner + 6 * (plane[i] as number)) / 16;
  }
  const at = (k: number) => plane[start + mirror(k, length) * stride] as number;
  return (at(centre - 2) + 4 * (at(centre - 1) + at(centre + 1)) + 6 * at(centre) + at(centre + 2)) / 16;
}

/** ... 1 0 | 0 1 2 ... n-1 | n-1 n-2 ..., for indices up to one length outside. */
function mirror(index: number, length: number): number {
  return index < 0 ? -1 - index : index >= length ? 2 * length - 1 - index : index;
}

/**
 * target += sign * Up(coarse). Up inserts zeros, filters with four times the low-pass, and extends the coarse plane
 * beyond its border by its edge. Per axis that is (a[i-1] + 6 a[i] + a[i+1])/8 at 2i and (a[i] + a[i+1])/2 at 2i+1.
 */
export function upsampleAdd(
  coarse: Float64Array,
  coarseSize: Size,
  target: Float64Array,
  size: Size,
  sign: 1 | -1,
): void {
  const { width, height } = size;
  const line = new Float64Array(coarseSize.width);
  for (let y = 0; y < height; y++) {
    upsampledRow(coarse, coarseSize, y, line);
    const row = y * width;
    for (let x = 0; x < width; x++) {
      const i = x >> 1;
      const here = line[i] as number;
      const next = line[i + 1 < coarseSize.width ? i + 1 : i] as number;
      const up = x & 1 ? (here + next) / 2 : ((line[i > 0 ? i - 1 : 0] as number) + 6 * here + next) / 8;
      target[row + x] = (target[row + x] as number) + sign * up;
    }
  }
}

/** Row y of the plane upsampled vertically. */
function upsampledRow(coarse: Float64Array, { width, height }: Size, y: number, line: Float64Array): void {
  const i = y >> 1;
  const here = i * width;
  const next = (i + 1 < height ? i + 1 : i) * width;
  const previous = (i > 0 ? i - 1 : 0) * width;
  for (let x = 0; x < width; x++) {
    const sum = (coarse[here + x] as number) + (coarse[next + x] as number);
    line[x] =
      y & 1 ? sum / 2 : (sum + 5 * (coarse[here + x] as number) + (coarse[previous + x] as number)) / 8;
  }
}
