/** Longest rest between two looks at the device, in milliseconds. */
const REST_MS = 1;

const cell = new Int32Array(new SharedArrayBuffer(4));
let waiting = 0;

/**
 * Waits for news of a software adapter and leaves it the processor meanwhile. Dawn's Node binding asks for news
 * in every turn of the event loop for as long as some are due, which keeps one core busy with asking; here each
 * turn begins with a rest. Everything else in the process goes on, at most a rest later.
 */
export async function restUntil<T>(news: Promise<T>): Promise<T> {
  if (waiting++ === 0) setImmediate(rest);
  try {
    return await news;
  } finally {
    waiting--;
  }
}

function rest(): void {
  if (waiting === 0) return;
  Atomics.wait(cell, 0, 0, REST_MS);
  setImmediate(rest);
}
