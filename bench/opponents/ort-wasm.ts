import * as ort from 'onnxruntime-web';
import type { OpenOpponent } from '../../src/bench/opponent';
import { onProcessor } from './ort-processor';
import own from './package.json';

/** ONNX Runtime in WebAssembly, on one thread: more need a cross-origin isolated page. Node only. */
export const open: OpenOpponent = async () => {
  ort.env.wasm.numThreads = 1;
  return onProcessor(ort, {
    name: 'ort-wasm',
    title: 'ONNX Runtime, WebAssembly',
    version: own.dependencies['onnxruntime-web'],
    provider: 'wasm',
    threads: 1,
  });
};
