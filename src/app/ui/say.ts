import { byId, setText } from './dom';

const SHOWN_MS = 4000;

let hide: ReturnType<typeof setTimeout> | undefined;

/**
 * A message for screen readers. Completed actions are also shown briefly to everyone, errors until the next message;
 * `quiet` is for things the page shows anyway.
 */
export function say(message: string, kind: 'quiet' | 'done' | 'bad'): void {
  const output = byId('announcer', HTMLOutputElement);
  clearTimeout(hide);
  setText('announcer', message);
  output.className = { quiet: 'hidden', done: 'toast', bad: 'toast bad' }[kind];
  if (kind === 'done')
    hide = setTimeout(() => {
      output.className = 'hidden';
    }, SHOWN_MS);
}
