import { InputError } from '../../errors';

/** Features of a picture: 18 at each of two scales. */
export const BRISQUE_FEATURES = 36;

/** An epsilon support vector regression with a radial basis kernel, on features scaled to a common range. */
export interface BrisqueModel {
  readonly gamma: number;
  readonly rho: number;
  readonly coefficients: Float64Array;
  /** `coefficients.length` rows of 36, row-major. */
  readonly supportVectors: Float64Array;
  readonly ranges: BrisqueRanges;
}

/** Scaling of the features: from their own [min, max] to [lower, upper]. */
export interface BrisqueRanges {
  readonly lower: number;
  readonly upper: number;
  readonly min: Float64Array;
  readonly max: Float64Array;
}

/** The text of a file, with its name for messages. */
interface NamedText {
  readonly name: string;
  readonly text: string;
}

/**
 * Reads a model in libsvm's text format and its ranges in svm-scale's.
 *
 * @throws InputError when a file has another format, or is not for 36 features.
 */
export function parseBrisqueModel(model: NamedText, ranges: NamedText): BrisqueModel {
  const lines = linesOf(model.text);
  const start = lines.indexOf('SV');
  if (start < 0) throw badModel(model, 'has no line "SV"');
  const header = new Map(lines.slice(0, start).map(splitAtSpace));
  const kind = [header.get('svm_type'), header.get('kernel_type')].join(', ');
  if (!/^(epsilon|nu)_svr, rbf$/.test(kind)) {
    throw badModel(
      model,
      `is of the kind "${kind}", not a regression (epsilon_svr) with a radial basis kernel (rbf)`,
    );
  }
  const rows = lines.slice(start + 1);
  const total = Number(header.get('total_sv'));
  if (rows.length !== total || total === 0) {
    throw badModel(
      model,
      `announces ${header.get('total_sv') ?? 'no number of'} support vectors and holds ${rows.length}`,
    );
  }
  const number = (key: string): number => {
    const value = toNumber(header.get(key));
    if (value === null) throw badModel(model, `has no number "${key}"`);
    return value;
  };
  const coefficients = new Float64Array(total);
  const supportVectors = new Float64Array(total * BRISQUE_FEATURES);
  rows.forEach((row, i) => {
    const vector = supportVectors.subarray(i * BRISQUE_FEATURES, (i + 1) * BRISQUE_FEATURES);
    const coefficient = parseVector(row, vector);
    if (coefficient === null)
      throw badModel(model, `has a support vector that cannot be read, in line ${start + i + 2}`);
    coefficients[i] = coefficient;
  });
  return {
    gamma: number('gamma'),
    rho: number('rho'),
    coefficients,
    supportVectors,
    ranges: parseRanges(ranges),
  };
}

/** `coefficient 1:x 2:x ...`, absent indices mean 0; returns the coefficient, or null for anything else. */
function parseVector(row: string, vector: Float64Array): number | null {
  const [first, ...entries] = row.split(/\s+/);
  for (const entry of entries) {
    const [index, value] = entry.split(':').map(toNumber);
    if (!Number.isInteger(index) || value === null || value === undefined) return null;
    if ((index as number) < 1 || (index as number) > BRISQUE_FEATURES) return null;
    vector[(index as number) - 1] = value;
  }
  return toNumber(first);
}

/** `x`, then `lower upper`, then `index min max` for each of the 36 features. */
function parseRanges(file: NamedText): BrisqueRanges {
  const [head, limits, ...rows] = linesOf(file.text);
  const [lower, upper] = (limits ?? '').split(/\s+/).map(toNumber);
  if (head !== 'x' || typeof lower !== 'number' || typeof upper !== 'number' || lower >= upper) {
    throw badRanges(file, 'does not begin with "x" and a line of two limits');
  }
  const min = new Float64Array(BRISQUE_FEATURES).fill(Number.NaN);
  const max = min.slice();
  for (const row of rows) {
    const [index, low, high] = row.split(/\s+/).map(toNumber);
    const isRange = typeof low === 'number' && typeof high === 'number' && low < high;
    if (
      !isRange ||
      !Number.isInteger(index) ||
      (index as number) < 1 ||
      (index as number) > BRISQUE_FEATURES
    ) {
      throw badRanges(file, `has a line "${row}" that is not "feature min max"`);
    }
    min[(index as number) - 1] = low;
    max[(index as number) - 1] = high;
  }
  const missing = min.findIndex(Number.isNaN);
  if (missing >= 0) throw badRanges(file, `has no range for feature ${missing + 1} of ${BRISQUE_FEATURES}`);
  return { lower, upper, min, max };
}

const linesOf = (text: string): string[] =>
  text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');

function splitAtSpace(line: string): [string, string] {
  const [key = '', ...rest] = line.split(/\s+/);
  return [key, rest.join(' ')];
}

/** Null unless it is a finite number. */
function toNumber(text: string | undefined): number | null {
  return text !== undefined && text !== '' && Number.isFinite(Number(text)) ? Number(text) : null;
}

function badModel({ name }: NamedText, fault: string): InputError {
  return new InputError(
    `${name} ${fault}, so it is not a BRISQUE model. Name a model as libsvm's svm-train writes it.`,
  );
}

function badRanges({ name }: NamedText, fault: string): InputError {
  return new InputError(
    `${name} ${fault}, so it has no BRISQUE ranges. Name the file that svm-scale wrote with -s.`,
  );
}
