import { readFileSync, readlinkSync } from 'node:fs';

/** A worker's first message: its thread number in the operating system. */
export interface ThreadMessage {
  readonly type: 'thread';
  /** Number of the thread within the process; undefined if the system does not provide it. */
  readonly thread: number | undefined;
}

/** The number of the calling thread. */
export function ownThread(): number | undefined {
  try {
    return Number(/\/task\/(\d+)$/.exec(readlinkSync('/proc/thread-self'))?.[1]) || undefined;
  } catch {
    return undefined;
  }
}

/** Clock ticks per second in /proc, which Linux fixes for all programs. */
const TICKS = 100;

/** Seconds of processor time used by a thread of this process; undefined if there is none. */
export function threadTime(thread: number): number | undefined {
  try {
    const text = readFileSync(`/proc/self/task/${thread}/stat`, 'latin1');
    // The program name, in parentheses, may contain anything. After it: state, parent, ..., user and system time.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS;
  } catch {
    return undefined;
  }
}
