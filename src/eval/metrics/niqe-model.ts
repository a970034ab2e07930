import { InputError } from '../../errors';

/** Features of a patch: 18 at each of two scales. */
export const NIQE_FEATURES = 36;
/** Side of a patch in pixels. */
export const NIQE_PATCH = 96;

/** The distribution of undistorted photos: a Gaussian over 36 features. */
export interface NiqeModel {
  readonly mean: Float64Array;
  /** 36 x 36, symmetric, row-major. */
  readonly covariance: Float64Array;
}

/**
 * Reads a model: JSON with `mu` (36 numbers) and `cov` (36 rows of 36), for patches of 96 pixels.
 *
 * @param name of the file, for messages.
 * @throws InputError for anything else.
 */
export function parseNiqeModel(text: string, name: string): NiqeModel {
  const file = parseObject(text, name);
  const { mu, cov, patch = NIQE_PATCH } = file;
  if (patch !== NIQE_PATCH) throw refusal(name, `is for patches of ${patch} pixels, not ${NIQE_PATCH}`);
  if (!isVector(mu)) throw refusal(name, `has no "mu" of ${NIQE_FEATURES} numbers`);
  if (!Array.isArray(cov) || cov.length !== NIQE_FEATURES || !cov.every(isVector)) {
    throw refusal(name, `has no "cov" of ${NIQE_FEATURES} rows of ${NIQE_FEATURES} numbers`);
  }
  const rows: number[][] = cov;
  const isSymmetric = rows.every((row, i) => row.every((value, j) => nearlyEqual(value, rows[j]?.[i] ?? 0)));
  if (!isSymmetric) throw refusal(name, 'has a "cov" that is not symmetric');
  return { mean: Float64Array.from(mu), covariance: Float64Array.from(rows.flat()) };
}

/** The model as the text of a JSON file, with `about` (source, licence and the like) before the numbers. */
export function formatNiqeModel(model: NiqeModel, about: Readonly<Record<string, unknown>>): string {
  const rows = Array.from({ length: NIQE_FEATURES }, (_, i) => [
    ...model.covariance.subarray(i * NIQE_FEATURES, (i + 1) * NIQE_FEATURES),
  ]);
  const head = JSON.stringify({ ...about, feature_count: NIQE_FEATURES, patch: NIQE_PATCH }, null, 1);
  const lines = rows.map((row) => `  ${JSON.stringify(row)}`).join(',\n');
  return `${head.slice(0, -2)},\n "mu": ${JSON.stringify([...model.mean])},\n "cov": [\n${lines}\n ]\n}\n`;
}

function parseObject(text: string, name: string): Record<string, unknown> {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch (cause) {
    throw refusal(name, 'is not JSON', cause);
  }
  if (typeof file !== 'object' || file === null || Array.isArray(file))
    throw refusal(name, 'holds no JSON object');
  return file as Record<string, unknown>;
}

function isVector(value: unknown): value is number[] {
  return Array.isArray(value) && value.length === NIQE_FEATURES && value.every(Number.isFinite);
}

function nearlyEqual(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));
}

function refusal(name: string, fault: string, cause?: unknown): InputError {
  return new InputError(
    `${name} ${fault}, so it is not a NIQE model. Fit one with "glocal eval fit-niqe", or name another file.`,
    { cause },
  );
}
