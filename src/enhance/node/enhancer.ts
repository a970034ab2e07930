import { openTunedGpu } from '../../kernels/node/tuned';
import { Enhancer } from '../enhancer';
import { loadModel } from './models';

/** The `Enhancer` in Node: devices through Dawn, tuned where they were measured, weights from files. */
export class NodeEnhancer extends Enhancer {
  static override readonly platform = { openGpu: () => openTunedGpu(), loadModel };
}
