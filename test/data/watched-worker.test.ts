import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { FromWorker, ToWorker, WorkerSetup } from '../../src/data/pool-protocol';
import { DEFAULT_SYNTHESIS } from '../../src/data/synthesis-config';
import { type PoolWorker, WatchedWorker } from '../../src/data/watched-worker';

/** Clock and processor time are simulated, so that nothing depends on the machine. */
beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

interface Scene {
  readonly name: string;
}

const setup: WorkerSetup<Scene> = {
  scenes: [{ name: 'stuck' }],
  seed: 1,
  config: DEFAULT_SYNTHESIS,
  maxBytes: 1,
  unusable: [],
};
const decodeBudget = { base: 5, perMegapixel: 10, clockFactor: 12 };

/** A worker that only starts decoding; `processor` returns its processor time in seconds. */
function watched(processor?: () => number) {
  const begun: { receive: (message: FromWorker) => void; sent: ToWorker<Scene>[]; isEnded: boolean }[] = [];
  const notices: string[] = [];
  const start = (): PoolWorker<Scene> => {
    const worker = { receive: (_: FromWorker) => {}, sent: [] as ToWorker<Scene>[], isEnded: false };
    begun.push(worker);
    return {
      send: (message) => worker.sent.push(message),
      listen: (onMessage) => {
        worker.receive = onMessage;
      },
      ...(processor && { processorTime: processor }),
      end: async () => {
        worker.isEnded = true;
      },
    };
  };
  const watch = { decodeBudget, onNotice: (text: string) => notices.push(text), onEnd: () => {} };
  const worker = new WatchedWorker(start, setup, watch);
  void worker.ask({ type: 'make', k: 3 });
  return { begun, notices };
}

it('ends a decoder by its processor time, not by the clock', () => {
  let used = 100;
  const { begun, notices } = watched(() => used);
  begun[0]!.receive({ type: 'decoding', scene: { index: 0, pixels: 100_000 } });
  // A busy machine: for an hour, other programs had the processor.
  vi.advanceTimersByTime(3_600_000);
  used = 105.9;
  vi.advanceTimersByTime(1000);
  expect([notices, begun[0]!.isEnded]).toEqual([[], false]);
  used = 106.1;
  vi.advanceTimersByTime(1000);
  expect(notices).toEqual([
    'stuck: left out. It kept its decoder busy for more than 6 s and is treated as damaged',
  ]);
  expect(begun[0]!.isEnded).toBe(true);
  expect(begun[1]!.sent).toEqual([
    { type: 'setup', ...setup, unusable: [0] },
    { type: 'order', request: 0, order: { type: 'make', k: 3 } },
  ]);
});

it('gives a file of ten megapixels more', () => {
  let used = 0;
  const { begun, notices } = watched(() => used);
  begun[0]!.receive({ type: 'decoding', scene: { index: 0, pixels: 10e6 } });
  used = 100;
  vi.advanceTimersByTime(10_000);
  expect(notices).toEqual([]);
  used = 106;
  vi.advanceTimersByTime(10_000);
  expect(notices).toHaveLength(1);
});

it('uses a more patient clock if the processor time is unknown, and none between scenes', () => {
  const { begun, notices } = watched();
  begun[0]!.receive({ type: 'decoding', scene: { index: 0, pixels: 0 } });
  vi.advanceTimersByTime(59_000);
  begun[0]!.receive({ type: 'decoding', scene: null });
  vi.advanceTimersByTime(600_000);
  expect(notices).toEqual([]);
  begun[0]!.receive({ type: 'decoding', scene: { index: 0, pixels: 0 } });
  vi.advanceTimersByTime(61_000);
  expect(notices).toHaveLength(1);
});
