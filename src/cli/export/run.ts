import { version } from '../../../package.json';
import { loadModel } from '../../enhance/node/models';
import { publish } from '../../enhance/node/publish';
import { describeModel } from '../../model/model-config';
import { decodeWeights } from '../../model/weights';
import { DEFAULT_OPSET, exportOnnx } from '../../onnx/export';
import type { PictureSize } from '../../onnx/picture';
import { refuseExisting } from '../refuse-existing';

export interface ExportFlags {
  out: string;
  opset?: number;
  fixed?: PictureSize;
  f16?: boolean;
  overwrite?: boolean;
}

/**
 * Writes a network as an ONNX model, whole or not at all.
 *
 * @throws InputError or WeightsError for an unusable model, option or destination.
 */
export async function exportModel(
  model: string,
  { out, opset = DEFAULT_OPSET, fixed, f16 = false, overwrite = false }: ExportFlags,
): Promise<void> {
  refuseExisting(out, overwrite);
  const weights = decodeWeights(await loadModel(model), model);
  const bytes = exportOnnx(weights, model, { opset, halfPrecision: f16, version, ...(fixed && { fixed }) });
  await publish(out, bytes, { replace: overwrite });
  const size = fixed ? `${fixed.height} x ${fixed.width} pixels` : 'pictures of any size';
  process.stdout.write(
    `${out}: ${describeModel(weights.config)}, ${size}, opset ${opset}${f16 ? ', half precision' : ''}, ` +
      `${(bytes.length / 1e6).toFixed(2)} MB.\n`,
  );
}
