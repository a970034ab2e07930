import { readFileSync, readlinkSync } from 'node:fs';

/** A worker's first message: what the system calls its thread. */
export interface ThreadMessage {
  readonly type: 'thread';
  /** Its number within the process; undefined where the system does not tell. */
  readonly thread: number | undefined;
}

/** Of the thread that calls. */
export function ownThread(): number | undefined {
  try {
    return Number(/\/task\/(\d+)$/.exec(readlinkSync('/proc/thread-self'))?.[1]) || undefined;
  } catch {
    return undefined;
  }
}

/** Clock ticks a second in /proc, which Linux fixes for all programs. */
const TICKS = 100;

/** Seconds of processor time that a thread of this process has used; undefined for none. */
export function threadTime(thread: number): number | undefined {
  try {
    const text = readFileSync(`/proc/self/task/${thread}/stat`, 'latin1');
    // The name of the program, in brackets, may hold anything. Behind it: state, parent, ..., user and system time.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS;
  } catch {
    return undefined;
  }
}
