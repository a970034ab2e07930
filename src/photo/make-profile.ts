/**
 * Writes ICC profiles with a matrix and one curve, or with one curve for grey, for pictures whose colours are
 * specified in other ways.
 *
 * Sources: ICC.1:2022 sections 7, 9.2, 10.15 (multiLocalizedUnicodeType), 10.18 (parametricCurveType), 10.31; annex E
 * (Bradford adaptation).
 */
import { ascii, concatBytes, viewOf } from './bytes';
import { invert, type Matrix3, multiply } from './matrix3';

type Chromaticity = readonly [x: number, y: number];

export interface Chromaticities {
  readonly white: Chromaticity;
  readonly red: Chromaticity;
  readonly green: Chromaticity;
  readonly blue: Chromaticity;
}

/** Parameters of ICC's parametric curve: [g] for a power, [g, a, b, c, d] with a linear part near black. */
export type ParametricCurve = readonly [number] | readonly [number, number, number, number, number];

export const SRGB_CURVE: ParametricCurve = [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045];

/** D50, the white point of profiles. */
const D50 = [0.9642, 1, 0.8249] as const;

const BRADFORD: Matrix3 = [0.8951, 0.2664, -0.1614, -0.7502, 1.7135, 0.0367, 0.0389, -0.0685, 1.0296];

/** Undefined for degenerate primaries. */
export function makeProfile(
  primaries: Chromaticities,
  curve: ParametricCurve,
  name: string,
): Uint8Array | undefined {
  const toXyz = adaptedPrimaries(primaries);
  if (!toXyz?.every((value) => Number.isFinite(value) && Math.abs(value) < 8)) return undefined;
  const column = (k: number) => xyz([toXyz[k]!, toXyz[3 + k]!, toXyz[6 + k]!]);
  const trc = parametric(curve);
  return assemble('RGB ', [
    ...describing(name),
    ['rXYZ', column(0)],
    ['gXYZ', column(1)],
    ['bXYZ', column(2)],
    ['rTRC', trc],
    ['gTRC', trc],
    ['bTRC', trc],
  ]);
}

/** For grey pictures, whose primaries do not matter. */
export const makeGreyProfile = (curve: ParametricCurve, name: string): Uint8Array =>
  assemble('GRAY', [...describing(name), ['kTRC', parametric(curve)]]);

type NamedTag = readonly [name: string, value: Uint8Array];

/** Tags that every profile must have. */
const describing = (name: string): readonly NamedTag[] => [
  ['desc', unicode(name)],
  ['cprt', unicode('No copyright, use freely')],
  ['wtpt', xyz(D50)],
];

type Vector = readonly [number, number, number];

/** Columns: XYZ of the primaries, adapted so that white is D50. */
function adaptedPrimaries({ white, red, green, blue }: Chromaticities): Matrix3 | undefined {
  const toXyz = ([x, y]: Chromaticity): Vector => [x / y, 1, (1 - x - y) / y];
  const [r, g, b, w] = [toXyz(red), toXyz(green), toXyz(blue), toXyz(white)];
  const columns: Matrix3 = [r[0], g[0], b[0], r[1], g[1], b[1], r[2], g[2], b[2]];
  const inverse = columns.every(Number.isFinite) ? invert(columns) : undefined;
  const back = invert(BRADFORD);
  if (!inverse || !back || !w.every(Number.isFinite)) return undefined;
  const scale = apply(inverse, w);
  const [from, to] = [apply(BRADFORD, w), apply(BRADFORD, D50)];
  const cone: Matrix3 = [to[0] / from[0], 0, 0, 0, to[1] / from[1], 0, 0, 0, to[2] / from[2]];
  const scaling: Matrix3 = [scale[0], 0, 0, 0, scale[1], 0, 0, 0, scale[2]];
  return multiply(multiply(back, multiply(cone, BRADFORD)), multiply(columns, scaling));
}

function apply(m: Matrix3, [x, y, z]: Vector): Vector {
  const row = (k: number) => m[3 * k]! * x + m[3 * k + 1]! * y + m[3 * k + 2]! * z;
  return [row(0), row(1), row(2)];
}

const fixed = (values: readonly number[]): Uint8Array => {
  const bytes = new Uint8Array(4 * values.length);
  values.forEach((value, i) => {
    viewOf(bytes).setInt32(4 * i, Math.round(value * 0x10000));
  });
  return bytes;
};

const xyz = (values: readonly number[]): Uint8Array => concatBytes(ascii('XYZ \0\0\0\0'), fixed(values));

const parametric = (curve: ParametricCurve): Uint8Array =>
  concatBytes(ascii('para\0\0\0\0'), Uint8Array.of(0, curve.length === 1 ? 0 : 3, 0, 0), fixed(curve));

/** A multiLocalizedUnicodeType in English. */
function unicode(text: string): Uint8Array {
  const header = new Uint8Array(28);
  header.set(ascii('mluc'));
  const data = viewOf(header);
  data.setUint32(8, 1);
  data.setUint32(12, 12);
  header.set(ascii('enUS'), 16);
  data.setUint32(20, 2 * text.length);
  data.setUint32(24, 28);
  return concatBytes(header, Uint8Array.from([...ascii(text)].flatMap((byte) => [0, byte])));
}

const HEADER_BYTES = 128;

function assemble(space: 'RGB ' | 'GRAY', tags: readonly NamedTag[]): Uint8Array {
  const table = new Uint8Array(4 + 12 * tags.length);
  viewOf(table).setUint32(0, tags.length);
  const values: Uint8Array[] = [];
  const places = new Map<Uint8Array, number>();
  let at = HEADER_BYTES + table.length;
  tags.forEach(([name, value], i) => {
    // Equal curves are stored once.
    if (!places.has(value)) {
      const padding = new Uint8Array(-value.length & 3);
      places.set(value, at);
      values.push(value, padding);
      at += value.length + padding.length;
    }
    table.set(ascii(name), 4 + 12 * i);
    viewOf(table).setUint32(8 + 12 * i, places.get(value)!);
    viewOf(table).setUint32(12 + 12 * i, value.length);
  });
  const header = new Uint8Array(HEADER_BYTES);
  viewOf(header).setUint32(0, at);
  // Version 4.3.
  header.set([4, 0x30], 8);
  header.set(ascii(`mntr${space}XYZ `), 12);
  header.set(ascii('acsp'), 36);
  header.set(fixed(D50), 68);
  return concatBytes(header, table, ...values);
}
