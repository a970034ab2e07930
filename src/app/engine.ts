import { startWorker } from '../start-worker-web';
import {
  type OperationName,
  type Operations,
  type Problem,
  ProblemError,
  type Progress,
  type Reply,
  type Request,
} from './protocol';
import workerUrl from './worker.ts?worker&url';

interface Pending {
  resolve(output: never): void;
  reject(error: ProblemError): void;
  onProgress?(progress: Progress): void;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/**
 * The page's end of the worker: operations as promises. If the worker dies, calls in flight reject with the problem
 * `crashed`; the next call gets a new worker.
 */
export class Engine {
  #worker: Worker | null = null;
  #pending = new Map<number, Pending>();
  #lastId = 0;

  /** @throws ProblemError, as a rejection; there are no other rejections. */
  call<K extends OperationName>(
    type: K,
    input: Operations[K]['input'],
    options: CallOptions = {},
  ): Promise<Operations[K]['output']> {
    const id = ++this.#lastId;
    const worker = this.#open();
    return new Promise((resolve, reject) => {
      const { signal, onProgress } = options;
      const cancel = () => worker.postMessage({ id, type: 'cancel' } satisfies Request);
      const settle = <T>(then: (value: T) => void) => {
        return (value: T) => {
          this.#pending.delete(id);
          signal?.removeEventListener('abort', cancel);
          then(value);
        };
      };
      this.#pending.set(id, {
        resolve: settle(resolve),
        reject: settle(reject),
        ...(onProgress && { onProgress }),
      });
      worker.postMessage({ id, type, input } as Request);
      if (signal?.aborted) cancel();
      else signal?.addEventListener('abort', cancel);
    });
  }

  #open(): Worker {
    if (this.#worker) return this.#worker;
    const worker = startWorker(workerUrl, 'glocal');
    worker.onmessage = (event: MessageEvent<Reply>) => this.#receive(event.data);
    worker.onmessageerror = () => this.#crash(worker, 'messageerror');
    worker.onerror = (event) => {
      event.preventDefault();
      this.#crash(worker, event.message);
    };
    this.#worker = worker;
    return worker;
  }

  #receive(reply: Reply): void {
    const pending = this.#pending.get(reply.id);
    if (!pending) return;
    if (reply.type === 'progress') pending.onProgress?.(reply.progress);
    else if (reply.type === 'done') pending.resolve(reply.output as never);
    else pending.reject(new ProblemError(reply.problem));
  }

  #crash(worker: Worker, detail: string | undefined): void {
    worker.terminate();
    if (this.#worker === worker) this.#worker = null;
    const problem: Problem = { kind: 'crashed', ...(detail && { detail }) };
    for (const pending of [...this.#pending.values()]) pending.reject(new ProblemError(problem));
  }
}
