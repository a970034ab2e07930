import { InputError, WeightsError } from '../errors';
import { LARGEST_HALF } from '../half';
import { foldBatchNorm } from '../model/fold';
import { describeModel } from '../model/model-config';
import type { StateDict } from '../model/state-dict';
import type { Weights } from '../model/weights';
import { encodeModel } from './message';
import { addNetwork } from './networks';
import { OnnxGraph } from './onnx-graph';
import { Picture, type PictureSize } from './picture';

/** The version of the ONNX file format that belongs to each operator-set version. */
export const IR_VERSIONS: Readonly<Record<number, number>> = {
  ...{ 13: 7, 14: 7, 15: 8, 16: 8, 17: 8, 18: 8, 19: 9, 20: 9, 21: 10, 22: 10 },
};

/** Supported operator-set versions. */
const OPSETS = Object.keys(IR_VERSIONS).map(Number);

/** Supported by ONNX Runtime since 2022. */
export const DEFAULT_OPSET = 17;

export interface ExportOptions {
  /** Operator-set version, one of `OPSETS`. Default: 17. */
  readonly opset?: number;
  /** Restricts the model to pictures of this size. Default: any size. */
  readonly fixed?: PictureSize;
  /** Stores weights and features in half precision. The bilateral grid is still looked up in single precision. */
  readonly halfPrecision?: boolean;
  /** Version of this program, recorded in the file. */
  readonly version: string;
}

/**
 * A network as an ONNX model, including everything done to a picture around it. Inputs: `photo`, uint8 [N, H, W, 3]
 * sRGB, and `strength`, a float scalar. Output: `enhanced`, uint8 [N, H, W, 3]. The numbers equal those of
 * `Enhancer.run` except where rounding meets a tie; see docs/onnx.md.
 *
 * @param name how messages refer to the weights.
 * @throws InputError for impossible options.
 * @throws WeightsError for weights that are not finite, or too large for half precision.
 */
export function exportOnnx(
  { config, state }: Weights,
  name: string,
  { opset = DEFAULT_OPSET, fixed, halfPrecision = false, version }: ExportOptions,
): Uint8Array<ArrayBuffer> {
  const irVersion = IR_VERSIONS[opset];
  if (irVersion === undefined) {
    throw new InputError(
      `There is no export for opset ${opset}. Give one from ${Math.min(...OPSETS)} to ${Math.max(...OPSETS)}.`,
    );
  }
  const isDrht = config.kind === 'drht';
  if (isDrht && halfPrecision) {
    throw new InputError(
      'DRHT cannot be exported in half precision: its norms go by sums over the whole picture, which are too large for it.',
    );
  }
  const ready = isDrht ? state : foldBatchNorm(state, config);
  requireStorable(ready, name, halfPrecision);
  const graph = new OnnxGraph(opset);
  const picture = new Picture(graph, fixed);
  const values = addNetwork(
    { graph, picture, state: ready, type: halfPrecision ? 'float16' : 'float' },
    config,
  );
  // DRHT is exported as published, for comparison, so its output may reach pure black and white.
  const enhanced = picture.finished(values, { keepOffEnds: !isDrht });
  return encodeModel({
    irVersion,
    opset,
    producer: { name: 'glocal', version },
    description: `Photo enhancement: a ${describeModel(config)}. sRGB in, sRGB out.`,
    metadata: { config: JSON.stringify(config) },
    name: config.kind,
    nodes: graph.nodes,
    initializers: graph.initializers,
    inputs: picture.inputs,
    outputs: [enhanced],
  });
}

function requireStorable(state: StateDict, name: string, halfPrecision: boolean): void {
  for (const [key, { data }] of state) {
    if (!data.every(Number.isFinite)) {
      throw new WeightsError(
        `${name}: ${key} holds values that are not finite. Its training went wrong; use another.`,
      );
    }
    if (halfPrecision && data.some((value) => Math.abs(value) > LARGEST_HALF)) {
      throw new WeightsError(`${name}: ${key} holds values beyond half precision. Export it without --f16.`);
    }
  }
}
