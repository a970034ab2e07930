/** The longest pause between checks of the device, in milliseconds. */
const REST_MS = 1;

const cell = new Int32Array(new SharedArrayBuffer(4));
let waiting = 0;

/**
 * Waits for a software adapter, leaving it the processor. Dawn's Node binding polls in every turn of the event loop
 * while something is pending, which keeps one core busy; here each turn starts with a pause. Everything else in the
 * process continues, delayed by at most one pause.
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
