import FFT from 'fft.js';

/**
 * A circular filter for pictures of one size: multiplies the Fourier transform of `values` by `response`, which is
 * real and even (the same at frequencies u and -u), so that the result is real. Both have width * height values,
 * frequency 0 first; the result is a new array.
 */
type CircularFilter = (values: Float64Array, response: Float64Array) => Float64Array<ArrayBuffer>;

/** Prepares a filter, whose working memory is reused between calls. */
export function circularFilter(width: number, height: number): CircularFilter {
  const alongRows = lineTransform(width);
  const alongColumns = lineTransform(height);
  const size = width * height;
  const spectrum = new Float64Array(2 * size);
  const transposed = new Float64Array(2 * size);
  return (values, response) => {
    spectrum.fill(0);
    for (let i = 0; i < size; i++) spectrum[2 * i] = values[i] as number;
    alongRows(spectrum);
    transpose(spectrum, transposed, width, height);
    alongColumns(transposed);
    // The inverse is the transform of the conjugate; conjugating again would not change the real part.
    for (let x = 0, at = 0; x < width; x++) {
      for (let y = 0; y < height; y++, at += 2) {
        const factor = (response[y * width + x] as number) / size;
        transposed[at] = factor * (transposed[at] as number);
        transposed[at + 1] = -factor * (transposed[at + 1] as number);
      }
    }
    alongColumns(transposed);
    transpose(transposed, spectrum, height, width);
    alongRows(spectrum);
    const result = new Float64Array(size);
    for (let i = 0; i < size; i++) result[i] = spectrum[2 * i] as number;
    return result;
  };
}

/** Transforms every line of interleaved complex numbers in place. */
type LineTransform = (lines: Float64Array) => void;

const transforms = new Map<number, LineTransform>();

function lineTransform(length: number): LineTransform {
  let transform = transforms.get(length);
  if (!transform) {
    transform =
      length === 1 ? () => {} : isPowerOfTwo(length) ? radixTransform(length) : chirpTransform(length);
    transforms.set(length, transform);
  }
  return transform;
}

const isPowerOfTwo = (n: number): boolean => (n & (n - 1)) === 0;

function radixTransform(length: number): LineTransform {
  const fft = new FFT(length);
  const line = new Float64Array(2 * length);
  return (lines) => {
    for (let start = 0; start < lines.length; start += 2 * length) {
      fft.transform(line, lines.subarray(start, start + 2 * length));
      lines.set(line, start);
    }
  };
}

/** Any length as a convolution of the next power of two (L. I. Bluestein, IEEE Trans. AU 18(4), 1970). */
function chirpTransform(length: number): LineTransform {
  const padded = 2 ** Math.ceil(Math.log2(2 * length - 1));
  const fft = new FFT(padded);
  const chirp = new Float64Array(2 * length);
  const kernel = new Float64Array(2 * padded);
  for (let k = 0; k < length; k++) {
    // k^2 modulo the period keeps the angle small and therefore accurate.
    const angle = (Math.PI * ((k * k) % (2 * length))) / length;
    chirp.set([Math.cos(angle), -Math.sin(angle)], 2 * k);
    kernel.set([Math.cos(angle), Math.sin(angle)], 2 * k);
    if (k > 0) kernel.set([Math.cos(angle), Math.sin(angle)], 2 * (padded - k));
  }
  const response = new Float64Array(2 * padded);
  fft.transform(response, kernel);
  const line = new Float64Array(2 * padded);
  const spectrum = new Float64Array(2 * padded);
  return (lines) => {
    for (let start = 0; start < lines.length; start += 2 * length) {
      const values = lines.subarray(start, start + 2 * length);
      line.fill(0);
      multiplyInto(line, values, chirp);
      fft.transform(spectrum, line);
      multiplyInto(spectrum, spectrum, response);
      fft.inverseTransform(line, spectrum);
      multiplyInto(values, line, chirp);
    }
  };
}

/** to = a * b, complex, for as many numbers as the shortest of the three has. */
function multiplyInto(to: Float64Array, a: Float64Array, b: Float64Array): void {
  const length = Math.min(to.length, a.length, b.length);
  for (let i = 0; i < length; i += 2) {
    const ar = a[i] as number;
    const ai = a[i + 1] as number;
    const br = b[i] as number;
    const bi = b[i + 1] as number;
    to[i] = ar * br - ai * bi;
    to[i + 1] = ar * bi + ai * br;
  }
}

/** Complex rows become columns; `width` and `height` are those of `from`. */
function transpose(from: Float64Array, to: Float64Array, width: number, height: number): void {
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 2) {
      const target = 2 * (x * height + y);
      to[target] = from[at] as number;
      to[target + 1] = from[at + 1] as number;
    }
  }
}
