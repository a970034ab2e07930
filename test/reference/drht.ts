import { batchNormInference, batchNormTraining } from './batch-norm';
import { convTranspose2d } from './conv-transpose2d';
import { conv2d } from './conv2d';
import { build, channelVector, type Dense, dense, get } from './dense';
import { add, elu, hdrBlend, log, logSquare, power, relu, sumProduct } from './elementwise';
import { concat, maxPool } from './spatial';

/** Tensors by name, as in a weight file. */
export type DrhtState = ReadonlyMap<
  string,
  { readonly shape: readonly number[]; readonly data: ArrayLike<number> }
>;

const OFFSET = 1 / 255;

/**
 * DRHT in float64, written layer by layer from the description of the released networks, without the layer lists of the
 * implementation. x [N, 3, H, W] in [0, 1].
 */
export function drht(x: Dense, state: DrhtState): Dense {
  return drhtToneMapper(drhtLight(x, state), state);
}

/** The first network: a photo to linear light. */
export function drhtLight(x: Dense, state: DrhtState): Dense {
  const w = (name: string) => weight(state, `hdr.${name}`);
  const b = (name: string) => vector(state, `hdr.${name}.bias`);
  const same = { stride: 1, padding: 1 };
  const point = { stride: 1, padding: 0 };
  const norm = (y: Dense, name: string) => {
    const of = (key: string) => vector(state, `hdr.${name}.${key}`);
    const statistics = { runningMean: of('running_mean'), runningVariance: of('running_var') };
    return batchNormInference(y, { gamma: of('weight'), beta: of('bias'), ...statistics }, 1e-5);
  };
  const means = [103.939, 116.779, 123.68];
  let h = build(x.shape, (n, c, i, j) => 255 * get(x, n, 2 - c, i, j) - means[c]!);
  const skips: Dense[] = [];
  for (const [stage, count] of [2, 2, 3, 3, 3].entries()) {
    if (stage > 0) h = maxPool(h);
    for (let k = 1; k <= count; k++) {
      const name = `encoder.${stage}.conv${k}`;
      h = relu(conv2d(h, w(name), b(name), same));
    }
    skips.push(h);
  }
  h = relu(norm(conv2d(maxPool(h), w('middle.conv'), undefined, same), 'middle.bn'));
  const fuse = (decoder: Dense, skip: Dense, scale: number, name: string) => {
    const light = logSquare(skip, { scale, offset: OFFSET });
    return conv2d(concat(decoder, light), w(name), b(name), point);
  };
  for (const stage of [4, 3, 2, 1, 0]) {
    const up = convTranspose2d(h, w(`decoder.${stage}.up`), undefined, { stride: 2, padding: 1 });
    h = fuse(relu(norm(up, `decoder.${stage}.up_bn`)), skips[stage]!, 1 / 255, `decoder.${stage}.fuse`);
  }
  h = relu(norm(conv2d(h, w('output.conv'), undefined, point), 'output.bn'));
  return hdrBlend(x, fuse(h, x, 1, 'output.fuse'), { threshold: 0.95, offset: OFFSET });
}

/** The second network: linear light [N, 3, H, W] to a photo, not clipped. */
export function drhtToneMapper(light: Dense, state: DrhtState): Dense {
  const w = (name: string) => weight(state, `ldr.${name}`);
  const norm = (y: Dense, name: string) => shiftNorm(y, vector(state, `ldr.${name}.bias`));
  const kernels: [kernel: number, stride: number][] = [
    [1, 1],
    [7, 2],
    [5, 2],
    [3, 2],
    [3, 2],
    [3, 2],
  ];
  let h = log(light, { scale: 1, offset: OFFSET });
  const encoded = kernels.map(([kernel, stride], index) => {
    h = elu(
      norm(
        conv2d(h, w(`encoder.${index}.conv`), undefined, tensorFlowSame(kernel, stride)),
        `encoder.${index}.bn`,
      ),
    );
    return h;
  });
  for (const [level, kernel] of [
    [4, 3],
    [3, 3],
    [2, 3],
    [1, 5],
    [0, 7],
  ] as const) {
    const up = convTranspose2d(h, w(`decoder.${level}.up`), undefined, tensorFlowSame(kernel, 2));
    h = sumProduct(elu(norm(up, `decoder.${level}.up_bn`)), encoded[level]!);
  }
  const output = norm(conv2d(h, w('output.conv'), undefined, tensorFlowSame(1, 1)), 'output.bn');
  return elu(add(output, power(light, { exponent: 1 / 2.2, factor: 1 / 30 })));
}

/** kernel - stride zeros in all, the smaller half in front. */
function tensorFlowSame(kernel: number, stride: number) {
  const all = kernel - stride;
  return { stride, padding: Math.floor(all / 2), paddingAfter: Math.ceil(all / 2) };
}

function shiftNorm(x: Dense, shift: Dense): Dense {
  const gamma = channelVector(shift.data.map(() => 1));
  const parameters = { gamma, beta: shift, runningMean: shift, runningVariance: shift };
  return batchNormTraining(x, parameters, { eps: 1e-3, momentum: 0 }).y;
}

function weight(state: DrhtState, name: string): Dense {
  const { shape, data } = state.get(`${name}.weight`)!;
  return dense(shape as [number, number, number, number], data);
}

const vector = (state: DrhtState, name: string): Dense => channelVector(state.get(name)!.data);
