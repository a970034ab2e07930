/**
 * The strength of a grid in a picture of something smooth: the standard deviation over a cell of period x period of the
 * mean over all cells, after a cubic fit is subtracted from each row. In units of the picture.
 *
 * @param plane size x size, row-major; the central half in each direction is measured.
 * @param period in pixels; divides size / 2.
 */
export function gridResidue(plane: ArrayLike<number>, size: number, period: number): number {
  const side = size / 2;
  const start = size / 4;
  const cell = new Float64Array(period * period);
  for (let y = 0; y < side; y++) {
    const row = Float64Array.from({ length: side }, (_, x) => plane[(start + y) * size + start + x]!);
    removeCubic(row);
    for (let x = 0; x < side; x++) cell[(y % period) * period + (x % period)]! += row[x]!;
  }
  const cells = (side / period) ** 2;
  const means = cell.map((sum) => sum / cells);
  const mean = means.reduce((sum, value) => sum + value, 0) / means.length;
  return Math.sqrt(means.reduce((sum, value) => sum + (value - mean) ** 2, 0) / means.length);
}

/** Subtracts the least-squares cubic, using polynomials made orthogonal on the samples (Gram-Schmidt). */
function removeCubic(row: Float64Array): void {
  const basis: Float64Array[] = [];
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, at) => sum + value * b[at]!, 0);
  const subtract = (a: Float64Array, b: Float64Array) => {
    const share = dot(a, b) / dot(b, b);
    for (let at = 0; at < a.length; at++) a[at]! -= share * b[at]!;
  };
  for (let degree = 0; degree <= 3; degree++) {
    const power = row.map((_, at) => ((2 * at) / (row.length - 1) - 1) ** degree);
    for (const previous of basis) subtract(power, previous);
    basis.push(power);
  }
  for (const polynomial of basis) subtract(row, polynomial);
}
