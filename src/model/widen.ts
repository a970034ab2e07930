import { Random } from '../random';
import type { NetworkConfig } from './config';
import { allLayers, decoderLayers, joinLayers, type Layer, layerParameters, weightShape } from './layers';
import type { StateDict, StateTensor } from './state-dict';

/** The whole number by which both widths are multiplied; undefined if there is none. */
export function widening(from: NetworkConfig, to: NetworkConfig): number | undefined {
  const factor = to.width / from.width;
  const same = to.globalWidth / from.globalWidth === factor || !from.globalEncoder;
  return Number.isInteger(factor) && factor > 1 && same ? factor : undefined;
}

/**
 * Weights of a network `factor` times as wide that computes the same function. Each channel is repeated `factor`
 * times, and its readers split their weight between the copies in random shares, so that training can make the copies
 * diverge (T. Chen, I. Goodfellow, J. Shlens, "Net2Net: Accelerating learning via knowledge transfer", ICLR 2016,
 * which uses equal shares plus noise).
 *
 * @param config of the narrow network.
 */
export function widenWeights(
  state: StateDict,
  config: NetworkConfig,
  { factor, seed }: { readonly factor: number; readonly seed: number },
): StateDict {
  const root = new Random(seed).fork('widen');
  const wide = new Map<string, StateTensor>();
  for (const layer of allLayers(config)) {
    // The three channels of the picture are not repeated, at either end.
    const inputs = copies(inputSegments(layer, config), seesImage(layer) ? 1 : factor);
    const outputs = copies([layer.outputs], layer.norm === undefined ? 1 : factor);
    const [weight, ...vectors] = layerParameters(layer);
    const narrow = state.get(weight!.name)!.data;
    const size = { ...layer, inputs: inputs.length, outputs: outputs.length };
    wide.set(weight!.name, {
      shape: weightShape(size),
      data: widenKernel(narrow, layer, { inputs, outputs }, root.fork(layer.name)),
    });
    for (const { name } of vectors) {
      const { data } = state.get(name)!;
      wide.set(name, { shape: [outputs.length], data: Float32Array.from(outputs, (o) => data[o]!) });
    }
  }
  return wide;
}

const seesImage = ({ name }: Layer): boolean => name === 'local.0.conv1' || name === 'global.0.conv';

/** The input channels of a layer, as counts per concatenated tensor. */
function inputSegments({ name, inputs }: Layer, config: NetworkConfig): number[] {
  const joined = joinLayers(config)[0] ?? decoderLayers(config)[0];
  if (config.globalEncoder && name === joined?.name) return [inputs - config.globalWidth, config.globalWidth];
  if (/^decoder\.\d+\.conv1$/.test(name)) return [inputs / 2, inputs / 2];
  return [inputs];
}

/** Maps each channel of the wide network to one of the narrow network; each segment is repeated as a whole. */
function copies(segments: readonly number[], factor: number): number[] {
  let start = 0;
  return segments.flatMap((length) => {
    const segment = Array.from({ length }, (_, k) => start + k);
    start += length;
    return Array.from({ length: factor }, () => segment).flat();
  });
}

function widenKernel(
  narrow: Float32Array,
  { transposed, inputs: narrowInputs, outputs: narrowOutputs, kernel }: Layer,
  { inputs, outputs }: { readonly inputs: readonly number[]; readonly outputs: readonly number[] },
  random: Random,
): Float32Array {
  const taps = kernel ** 2;
  const wide = new Float32Array(inputs.length * outputs.length * taps);
  for (const [o, oldO] of outputs.entries()) {
    const shares = sharesOf(inputs, random);
    for (const [i, oldI] of inputs.entries()) {
      const to = transposed ? i * outputs.length + o : o * inputs.length + i;
      const from = transposed ? oldI * narrowOutputs + oldO : oldO * narrowInputs + oldI;
      for (let tap = 0; tap < taps; tap++) {
        wide[to * taps + tap] = shares[i]! * narrow[from * taps + tap]!;
      }
    }
  }
  return wide;
}

/** Random shares for the copies of each channel, adding up to 1; 1 for a channel without copies. */
function sharesOf(inputs: readonly number[], random: Random): number[] {
  const draws = inputs.map(() => random.uniform());
  const sums = new Map<number, number>();
  for (const [i, old] of inputs.entries()) sums.set(old, (sums.get(old) ?? 0) + draws[i]!);
  return inputs.map((old, i) => draws[i]! / sums.get(old)!);
}
