/** Three rows of three. */
export type Matrix3 = readonly [number, number, number, number, number, number, number, number, number];

export function multiply(a: Matrix3, b: Matrix3): Matrix3 {
  const at = (row: number, column: number) =>
    a[3 * row]! * b[column]! + a[3 * row + 1]! * b[3 + column]! + a[3 * row + 2]! * b[6 + column]!;
  return [at(0, 0), at(0, 1), at(0, 2), at(1, 0), at(1, 1), at(1, 2), at(2, 0), at(2, 1), at(2, 2)];
}

/** By cofactors; undefined for a (nearly) singular matrix. */
export function invert([a, b, c, d, e, f, g, h, i]: Matrix3): Matrix3 | undefined {
  const [A, B, C] = [e * i - f * h, f * g - d * i, d * h - e * g];
  const determinant = a * A + b * B + c * C;
  if (!(Math.abs(determinant) > 1e-6)) return undefined;
  const k = 1 / determinant;
  return [
    k * A,
    k * (c * h - b * i),
    k * (b * f - c * e),
    k * B,
    k * (a * i - c * g),
    k * (c * d - a * f),
    k * C,
    k * (b * g - a * h),
    k * (a * e - b * d),
  ];
}
