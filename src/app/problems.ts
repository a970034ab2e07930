import type { Problem, ProblemKind } from './protocol';
import { text } from './text/language';

/** A problem in plain words: what is wrong and what to do. */
interface Explanation {
  readonly title: string;
  readonly advice: string;
  /** Whether the same photo may succeed when tried again. */
  readonly canRetry: boolean;
}

const CAN_RETRY: ReadonlySet<ProblemKind> = new Set([
  'unreadable',
  'no-room',
  'out-of-memory',
  'device-lost',
  'crashed',
  'internal',
  'cancelled',
  'no-adapter',
  'weights',
  'not-allowed',
]);

export function explain({ kind }: Problem): Explanation {
  return {
    title: text(`problem.${kind}.title`),
    advice: text(`problem.${kind}.advice`),
    canRetry: CAN_RETRY.has(kind),
  };
}
