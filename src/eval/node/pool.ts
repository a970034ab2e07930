import { Worker } from 'node:worker_threads';
import { GlocalError } from '../../errors';
import type { Compared, FromWorker, ToWorker, WorkerSetup } from './protocol';

interface Job {
  readonly task: ToWorker;
  readonly resolve: (compared: Compared) => void;
  readonly reject: (error: Error) => void;
}

/** Runs and measures methods in worker threads; tasks queue for a free thread. */
export class ComparePool {
  readonly #threads: Worker[] = [];
  readonly #idle: Worker[] = [];
  readonly #running = new Map<Worker, Job>();
  readonly #waiting: Job[] = [];
  #failure: Error | undefined;

  /** @param url of the bundled `worker.ts`. Default: beside this module. */
  constructor(count: number, setup: WorkerSetup, url = new URL('./eval-worker.js', import.meta.url)) {
    for (let i = 0; i < count; i++) {
      const thread = new Worker(url, { workerData: setup });
      thread.on('message', (message: FromWorker) => this.#finish(thread, message));
      thread.on('error', (error) => this.#fail(error instanceof Error ? error : new Error(String(error))));
      this.#threads.push(thread);
      this.#idle.push(thread);
    }
  }

  /** With fewer tasks in progress, threads would be idle. */
  get capacity(): number {
    return this.#threads.length;
  }

  /** @throws GlocalError when a thread ended, for example from lack of memory. */
  run(task: ToWorker): Promise<Compared> {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ task, resolve, reject });
      this.#next();
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.terminate()));
  }

  #next(): void {
    while (this.#waiting.length > 0 && this.#idle.length > 0) {
      const thread = this.#idle.pop() as Worker;
      const job = this.#waiting.shift() as Job;
      this.#running.set(thread, job);
      thread.postMessage(job.task);
    }
  }

  #finish(thread: Worker, message: FromWorker): void {
    const job = this.#running.get(thread);
    this.#running.delete(thread);
    this.#idle.push(thread);
    if ('done' in message) job?.resolve(message.done);
    else job?.reject(new Error(message.failed));
    this.#next();
  }

  #fail(cause: Error): void {
    this.#failure = new GlocalError(
      `A thread of the evaluation ended: ${cause.message}. Use fewer --workers, or a smaller --size.`,
      { cause },
    );
    for (const { reject } of [...this.#running.values(), ...this.#waiting]) reject(this.#failure);
    this.#running.clear();
    this.#waiting.length = 0;
  }
}
