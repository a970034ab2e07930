/** Entry point of the worker thread that makes training pairs; started by `openPairs`. */
import { parentPort } from 'node:worker_threads';
import { pairWorker, type ToWorker } from '../pool-protocol';
import type { SceneFile } from './scene-file';
import { sceneSource } from './scenes';
import { ownThread, type ThreadMessage } from './thread-time';

const port = parentPort;
if (!port) throw new Error('This file is the entry of a worker thread and does nothing on its own.');
port.postMessage({ type: 'thread', thread: ownThread() } satisfies ThreadMessage);
const handle = pairWorker(sceneSource, (message, transfer) => port.postMessage(message, transfer));
port.on('message', (message: ToWorker<SceneFile>) => void handle(message));
