import { availableParallelism } from 'node:os';
import * as ort from 'onnxruntime-node';
import type { OpenOpponent } from '../../src/bench/opponent';
import { onProcessor } from './ort-processor';
import own from './package.json';

/** ONNX Runtime's native processor code. Node only. */
export const open: OpenOpponent = async () =>
  onProcessor(ort, {
    name: 'ort-native',
    title: 'ONNX Runtime, processor',
    version: own.dependencies['onnxruntime-node'],
    provider: 'cpu',
    threads: availableParallelism(),
  });
