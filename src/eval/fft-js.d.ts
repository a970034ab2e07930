/** The parts of the package fft.js 4 used here, which has no types of its own. */
declare module 'fft.js' {
  /**
   * Fourier transform of one length, a power of two above 1. Complex numbers are interleaved as real and imaginary
   * parts.
   */
  // biome-ignore lint/style/noDefaultExport: the package has one.
  export default class FFT {
    constructor(size: number);
    transform(to: Float64Array, from: Float64Array): void;
    /** Scaled by 1 / size. */
    inverseTransform(to: Float64Array, from: Float64Array): void;
  }
}
