import { openNodeGpu } from '../gpu/node/dawn';
import { Enhancer } from './enhancer';
import { loadModel } from './models-node';

/** The `Enhancer` in Node: devices through Dawn, weights from files. */
export class NodeEnhancer extends Enhancer {
  static override readonly platform = { openGpu: () => openNodeGpu(), loadModel };
}
