import { InputError, WeightsError } from '../errors';
import type { Program } from '../graph/program';
import { graphShape, type ParameterSpec } from './layers';
import { describeModel, type ModelConfig, modelConfig, modelParameters } from './model-config';
import { decodeSafetensors, encodeSafetensors, type StoredType } from './safetensors';
import type { StateDict, StateTensor } from './state-dict';

/** The content of a weight file; the state fits the configuration. */
export interface Weights {
  readonly config: ModelConfig;
  /** With batch norms (`modelParameters(config)`), in single precision. */
  readonly state: StateDict;
  /** Further metadata from its writer: steps, data, scores. */
  readonly info: Readonly<Record<string, string>>;
}

const FORMAT = 'glocal-weights-1';

/** The most names a message lists. */
const LISTED = 5;

/**
 * A weight file: safetensors under PyTorch's names, with the configuration as JSON under `config` in the metadata.
 *
 * @param info goes into the metadata.
 * @param halfPrecision stores the weights of convolutions as F16, at half the size; vectors stay F32.
 * @throws WeightsError if the state does not fit the configuration.
 */
export function encodeWeights(
  state: StateDict,
  config: ModelConfig,
  info: Readonly<Record<string, number | string>> = {},
  { halfPrecision = false }: { readonly halfPrecision?: boolean } = {},
): Uint8Array<ArrayBuffer> {
  const checked = requireState(state, config, 'The state');
  const notes = Object.entries(info).map(([key, value]) => [key, String(value)]);
  const metadata = { ...Object.fromEntries(notes), format: FORMAT, config: JSON.stringify(config) };
  const typeOf = (name: string): StoredType =>
    halfPrecision && checked.get(name)!.shape.length === 4 ? 'F16' : 'F32';
  return encodeSafetensors(checked, metadata, typeOf);
}

/**
 * @param name how messages refer to the file.
 * @param expected refuses a file with another configuration.
 * @throws WeightsError if the file is damaged, lacks a configuration, or holds tensors that do not fit it.
 */
export function decodeWeights(bytes: Uint8Array, name: string, expected?: ModelConfig): Weights {
  const { tensors, metadata } = decodeSafetensors(bytes, name);
  const { format, config: json, ...info } = metadata;
  if (format !== FORMAT || json === undefined) {
    throw new WeightsError(
      `${name} has no network configuration in its metadata, so it is not a weight file of this version. ` +
        'Use a file that `glocal train` wrote, or convert it with `glocal import`.',
    );
  }
  const config = parseConfig(json, name);
  if (expected !== undefined) requireSameConfig(config, expected, name);
  return { config, state: requireState(tensors, config, name), info };
}

/** Fills all variables of a program for inference. The state may hold more than these. */
export function writeState(program: Program, state: StateDict): void {
  for (const { name, value } of program.variables) {
    if (value !== undefined) continue; // a constant
    const tensor = state.get(name);
    if (tensor === undefined) throw new WeightsError(`The weights have no "${name}".`);
    program.write(name, tensor.data);
  }
}

/**
 * The state with PyTorch's shapes, in the network's order, if it is exactly the network's.
 *
 * @param advice ends the message.
 * @throws WeightsError listing tensors that are missing, unknown, or of the wrong shape.
 */
export function requireState(
  state: StateDict,
  config: ModelConfig,
  name: string,
  advice = 'Use the weights as they were written, with their own configuration.',
): StateDict {
  const specs = modelParameters(config);
  const known = new Set(specs.map((spec) => spec.name));
  const shaped = (key: string, { shape }: Pick<StateTensor, 'shape'>) => `${key} [${shape.join(', ')}]`;
  const missing = specs.filter((spec) => !state.has(spec.name)).map((spec) => shaped(spec.name, spec));
  const extra = [...state].filter(([key]) => !known.has(key)).map(([key, tensor]) => shaped(key, tensor));
  const misshaped = specs.flatMap((spec) => {
    const tensor = state.get(spec.name);
    if (tensor === undefined || fits(tensor, spec)) return [];
    return [`${spec.name} is [${tensor.shape.join(', ')}] instead of [${spec.shape.join(', ')}]`];
  });
  const faults = [
    ...(missing.length > 0 ? [`missing: ${list(missing)}`] : []),
    ...(extra.length > 0 ? [`unknown: ${list(extra)}`] : []),
    ...(misshaped.length > 0 ? [`wrong shape: ${list(misshaped)}`] : []),
  ];
  if (faults.length > 0) {
    throw new WeightsError(
      `${name} does not fit its configuration (${describeModel(config)}); ` +
        `${faults.join('; ')}. ${advice}`,
    );
  }
  return new Map(specs.map(({ name: key, shape }) => [key, { shape, data: state.get(key)!.data }]));
}

/** A vector is [C] on disk and [1, C, 1, 1] in the graph; both are accepted. */
function fits(tensor: StateTensor, { shape }: ParameterSpec): boolean {
  const same = (other: readonly number[]) =>
    other.length === tensor.shape.length && other.every((size, axis) => size === tensor.shape[axis]);
  const length = shape.reduce((product, size) => product * size, 1);
  return (same(shape) || same(graphShape(shape).shape)) && tensor.data.length === length;
}

function parseConfig(json: string, name: string): ModelConfig {
  try {
    const values: unknown = JSON.parse(json);
    if (typeof values !== 'object' || values === null) throw new InputError('It is not a JSON object.');
    return modelConfig({ ...values });
  } catch (cause) {
    const reason = cause instanceof InputError ? cause.message : 'It is not JSON.';
    throw new WeightsError(`${name} has a network configuration that cannot be used. ${reason}`, { cause });
  }
}

function requireSameConfig(config: ModelConfig, expected: ModelConfig, name: string): void {
  const found = new Map<string, unknown>(Object.entries(config));
  const differences = Object.entries(expected)
    .filter(([key, value]) => found.get(key) !== value)
    .map(([key, value]) => `${key} is ${found.get(key)} instead of ${value}`);
  if (differences.length === 0) return;
  throw new WeightsError(
    `${name} belongs to another network: ${differences.join(', ')}. ` +
      'Use a file of this configuration, or set the configuration to that of the file.',
  );
}

const list = (names: readonly string[]): string =>
  names.slice(0, LISTED).join(', ') + (names.length > LISTED ? ` and ${names.length - LISTED} more` : '');
