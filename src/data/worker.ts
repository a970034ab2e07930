/** Entry point of the Web Worker that makes training pairs; started by `openWebPairs`. */
import { pairWorker, type ToWorker } from './pool-protocol';
import { type WebScene, webSceneSource } from './web-scenes';

const scope = self as unknown as DedicatedWorkerGlobalScope;
const handle = pairWorker(webSceneSource, (message, transfer) => scope.postMessage(message, transfer));
scope.onmessage = (event: MessageEvent<ToWorker<WebScene>>) => void handle(event.data);
