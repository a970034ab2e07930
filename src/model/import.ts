import { WeightsError } from '../errors';
import { describeModel, type ModelConfig, modelConfig } from './model-config';
import { decodeSafetensors } from './safetensors';
import type { StateDict, StateTensor } from './state-dict';
import { requireState, type Weights } from './weights';

/** A state dict from elsewhere, as weights of ours. */
export interface ImportedWeights extends Weights {
  /** Tensors that were left out, being counters. */
  readonly counters: readonly string[];
}

/** Names that `torch.nn.DataParallel`, `torch.compile` and their like put around a module. */
const WRAPPERS = new Set(['module', '_orig_mod']);

/** Counters that PyTorch saves beside weights: of its batch norms, and of averaged models. */
const COUNTER = /(^|\.)(num_batches_tracked|n_averaged)$/;

/**
 * Reads what `safetensors.torch.save_file(network.state_dict(), ...)` wrote. The configuration is that of the file's
 * metadata, if it has one; else it is read off the shapes of the tensors.
 *
 * @param name what messages call the file.
 * @param given values of the configuration that go before both: what no shape tells, such as `viewSize`.
 * @throws WeightsError naming tensors that do not fit, with the shapes they have and should have.
 * @throws InputError for a configuration that cannot be.
 */
export function importWeights(
  bytes: Uint8Array,
  name: string,
  given: Readonly<Record<string, unknown>> = {},
): ImportedWeights {
  refusePickle(bytes, name);
  const counters: string[] = [];
  const isCounter = (key: string) => COUNTER.test(key) && counters.push(key) > 0;
  const { tensors, metadata } = decodeSafetensors(bytes, name, isCounter);
  const { format: _, config: json, ...info } = metadata;
  const state = unwrapped(tensors, name);
  const config = modelConfig({ ...(json === undefined ? inferred(state) : parsed(json, name)), ...given });
  const advice = 'docs/weights.md has the names and shapes; --config says what the shapes should follow.';
  const fitting = requireState(state, config, name, advice);
  for (const [key, { data }] of fitting) {
    if (!data.every(Number.isFinite))
      throw new WeightsError(`${name}: ${key} holds values that are not finite. Its training went wrong.`);
  }
  return { config, state: fitting, info, counters };
}

/** PyTorch's own format runs code when it is read. */
function refusePickle(bytes: Uint8Array, name: string): void {
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
  const isPickle = bytes[0] === 0x80 && bytes[1]! <= 5 && bytes[7] !== 0;
  if (!isZip && !isPickle) return;
  throw new WeightsError(
    `${name} is a checkpoint in PyTorch's own format, which only Python can read. Save it as safetensors: ` +
      "safetensors.torch.save_file(network.state_dict(), 'weights.safetensors').",
  );
}

function unwrapped(tensors: StateDict, name: string): StateDict {
  const state = new Map<string, StateTensor>();
  for (const [key, tensor] of tensors) {
    const inner = key
      .split('.')
      .filter((part) => !WRAPPERS.has(part))
      .join('.');
    if (state.has(inner)) {
      throw new WeightsError(
        `${name} holds «${inner}» twice, once as «${key}». Save the state of one network alone.`,
      );
    }
    state.set(inner, tensor);
  }
  return state;
}

function parsed(json: string, name: string): Record<string, unknown> {
  try {
    const values: unknown = JSON.parse(json);
    if (typeof values === 'object' && values !== null && !Array.isArray(values)) return { ...values };
  } catch {
    // Said below.
  }
  throw new WeightsError(`${name} has metadata whose «config» is no JSON object. Leave it out, or mend it.`);
}

/** The configuration that the shapes show; values that they do not show are left to their defaults. */
function inferred(state: StateDict): Partial<ModelConfig> {
  const shape = (key: string) => state.get(key)?.shape ?? [];
  const size = (key: string, axis: number) => shape(key)[axis] ?? 0;
  const has = (prefix: string) => [...state.keys()].some((key) => key.startsWith(prefix));
  // A size of 0 is no size: it is left to its default, and the tensor is then named as missing.
  const known = <T extends object>(values: T) =>
    Object.fromEntries(Object.entries(values).filter(([, value]) => value !== 0)) as Partial<T>;
  if (has('hdr.')) return { kind: 'drht', ...known({ width: size('hdr.encoder.0.conv1.weight', 0) }) };
  if (has('guide.')) {
    // `global` has one convolution for each halving of the grid down to 4, and two more.
    const layers = new Set([...state.keys()].map((key) => /^global\.(\d+)\./.exec(key)?.[1]));
    layers.delete(undefined);
    const gridSize = layers.size > 2 ? 4 * 2 ** (layers.size - 2) : 0;
    return {
      kind: 'bilateral-grid',
      ...known({
        width: size('local.0.conv.weight', 0),
        gridSize,
        viewSize: 4 * gridSize,
        levels: size('head.weight', 0) / 12,
        guideWidth: size('guide.0.weight', 0),
      }),
    };
  }
  return {
    kind: 'local-global',
    globalEncoder: has('global.'),
    join: has('join.') ? (has('local.4.') ? 'C' : 'A') : 'P',
    ...known({
      width: size('local.0.conv1.weight', 0),
      globalWidth: size('global.0.conv.weight', 0),
      globalSize: 32 * size('global.5.conv.weight', 2),
      outputKernel: size('output.weight', 2),
    }),
  };
}

/** For messages: `local-global network of width 8, global width 16; 37 tensors`. */
export const describeImport = ({ config, state }: Weights): string =>
  `${describeModel(config)}; ${state.size} tensors`;
