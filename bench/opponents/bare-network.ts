import { Graph } from '../../src/graph';
import type { NetworkConfig } from '../../src/model/config';
import { buildNetwork } from '../../src/model/network';
import type { StateDict } from '../../src/model/state-dict';
import { fixedAxis } from '../../src/onnx/axis';
import { DEFAULT_OPSET, IR_VERSIONS } from '../../src/onnx/export';
import { lowerToOnnx } from '../../src/onnx/lower';
import { encodeModel } from '../../src/onnx/message';
import { OnnxGraph } from '../../src/onnx/onnx-graph';

/**
 * The bare local-global network, for measurements: from `x`, float [1, 3, size, size] in 0..1, to `y` of the same
 * shape, not clipped. The global encoder sees the image resized, as in training.
 *
 * @param state with batch norms folded.
 */
export function bareNetwork(config: NetworkConfig, state: StateDict, size: number): Uint8Array<ArrayBuffer> {
  const graph = new Graph();
  const image = graph.input('x', [1, 3, size, size]);
  const { output } = buildNetwork(graph, image, config, { mode: 'folded' });
  const onnx = new OnnxGraph(DEFAULT_OPSET);
  const axis = fixedAxis(onnx, size);
  const inputs = new Map([[image, onnx.input('x')]]);
  const values = lowerToOnnx(graph, output, {
    graph: onnx,
    type: 'float',
    rows: axis,
    columns: axis,
    inputs,
    state,
  });
  const y = onnx.node('Identity', [values], {}, 'y');
  const picture = { type: 'float', dims: [1, 3, size, size], description: '' } as const;
  return encodeModel({
    irVersion: IR_VERSIONS[DEFAULT_OPSET]!,
    opset: DEFAULT_OPSET,
    producer: { name: 'glocal', version: '' },
    description: '',
    metadata: {},
    name: config.kind,
    nodes: onnx.nodes,
    initializers: onnx.initializers,
    inputs: [{ name: 'x', ...picture }],
    outputs: [{ name: y, ...picture }],
  });
}
