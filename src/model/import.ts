import { WeightsError } from '../errors';
import { describeModel, type ModelConfig, modelConfig } from './model-config';
import { decodeSafetensors } from './safetensors';
import type { StateDict, StateTensor } from './state-dict';
import { requireState, type Weights } from './weights';

/** Weights converted from a foreign state dict. */
interface ImportedWeights extends Weights {
  /** Counters that were left out. */
  readonly counters: readonly string[];
}

/** Prefixes that `torch.nn.DataParallel`, `torch.compile` and the like add to parameter names. */
const WRAPPERS = new Set(['module', '_orig_mod']);

/** Counters that PyTorch saves with the weights of batch norms and averaged models. */
const COUNTER = /(^|\.)(num_batches_tracked|n_averaged)$/;

/**
 * Reads the output of `safetensors.torch.save_file(network.state_dict(), ...)`. The configuration comes from the
 * file's metadata if present, otherwise from the shapes of the tensors.
 *
 * @param name how messages refer to the file.
 * @param given configuration values that override both, for what no shape reveals, such as `viewSize`.
 * @throws WeightsError naming the tensors that do not fit, with actual and expected shapes.
 * @throws InputError for an impossible configuration.
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

/** Reading PyTorch's own format executes code from the file, so it is refused. */
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
        `${name} holds "${inner}" twice, once as "${key}". Save the state of one network alone.`,
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
    // The error below covers this.
  }
  throw new WeightsError(
    `${name} has metadata whose "config" is not a JSON object. Leave it out, or correct it.`,
  );
}

/** The configuration as far as the shapes reveal it; the rest keeps its defaults. */
function inferred(state: StateDict): Partial<ModelConfig> {
  const shape = (key: string) => state.get(key)?.shape ?? [];
  const size = (key: string, axis: number) => shape(key)[axis] ?? 0;
  const has = (prefix: string) => [...state.keys()].some((key) => key.startsWith(prefix));
  // A size of 0 is left at its default; the missing tensor is then reported.
  const known = <T extends object>(values: T) =>
    Object.fromEntries(Object.entries(values).filter(([, value]) => value !== 0)) as Partial<T>;
  if (has('hdr.')) return { kind: 'drht', ...known({ width: size('hdr.encoder.0.conv1.weight', 0) }) };
  if (has('guide.')) {
    // `global` has one convolution per halving of the grid down to 4, plus two.
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
