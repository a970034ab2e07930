import type { TextKey } from '../text/en';
import { text } from '../text/language';
import { byId } from './dom';

/** Effects of keys, wherever the focus is on the page. */
interface KeyActions {
  isStudio(): boolean;
  peek(isPeeking: boolean): void;
  sideBySide(): void;
  zoomIn(): void;
  zoomOut(): void;
  fit(): void;
  actual(): void;
  /** False if the photo is not zoomed in. */
  pan(right: number, down: number): boolean;
  step(by: number): void;
  save(): void;
  copy(): void;
  cancel(): void;
}

const MOVES: Readonly<Record<string, readonly [right: number, down: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Listens on the whole page: no key needs a click on the photo first. */
export function attachKeys(actions: KeyActions): void {
  const help = byId('help', HTMLDialogElement);
  attachHelp(help);
  document.addEventListener('keydown', (event) => {
    if (help.open || event.defaultPrevented) return;
    if (event.key === '?' && !isTyping(event.target)) {
      event.preventDefault();
      openHelp(help);
      return;
    }
    if (actions.isStudio() && act(event, actions)) event.preventDefault();
  });
  document.addEventListener('keyup', ({ key }) => {
    if (key.toLowerCase() === 'b') actions.peek(false);
  });
  // The key may be released in another window.
  addEventListener('blur', () => actions.peek(false));
}

/** Returns whether the key was one of the page's. */
function act(event: KeyboardEvent, actions: KeyActions): boolean {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey)
    return command(key, event, actions);
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return false;
  const plain: Record<string, () => void> = {
    b: () => {
      if (!event.repeat) actions.peek(true);
    },
    s: () => actions.sideBySide(),
    '+': () => actions.zoomIn(),
    '=': () => actions.zoomIn(),
    '-': () => actions.zoomOut(),
    '0': () => actions.fit(),
    '1': () => actions.actual(),
    Escape: () => actions.cancel(),
  };
  if (plain[key]) {
    plain[key]();
    return true;
  }
  const move = MOVES[key];
  if (!move || takesArrows(event.target)) return false;
  if (actions.pan(...move)) return true;
  if (move[0] === 0) return false;
  actions.step(document.dir === 'rtl' ? -move[0] : move[0]);
  return true;
}

function command(key: string, { target }: KeyboardEvent, actions: KeyActions): boolean {
  if (key === 's') {
    actions.save();
    return true;
  }
  const hasSelection = (getSelection()?.toString() ?? '') !== '';
  if (key !== 'c' || hasSelection || isTyping(target)) return false;
  actions.copy();
  return true;
}

/** Elements in which letters are text, or choose from a list. */
const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLSelectElement ||
  (target instanceof HTMLInputElement && ['text', 'number'].includes(target.type));

const takesArrows = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('input, [role="slider"], [popover]') !== null;

/** Keys and their descriptions; the keys of a row may be a text. */
const ROWS: readonly (readonly [keys: readonly string[] | TextKey, does: TextKey])[] = [
  [['B'], 'help.before'],
  [['S'], 'help.side'],
  [['+', '−'], 'help.zoom'],
  [['0', '1'], 'help.fit'],
  [['←', '→'], 'help.photos'],
  [['Ctrl S'], 'help.save'],
  [['Ctrl C'], 'help.copy'],
  [['Esc'], 'help.cancel'],
  [['?'], 'help.this'],
  ['help.click', 'help.click-does'],
  ['help.press', 'help.press-does'],
  ['help.double', 'help.double-does'],
  ['help.wheel', 'help.wheel-does'],
];

function attachHelp(help: HTMLDialogElement): void {
  byId('help-open', HTMLButtonElement).addEventListener('click', () => openHelp(help));
  byId('help-close', HTMLButtonElement).addEventListener('click', () => help.close());
  help.addEventListener('click', (event) => {
    if (event.target === help) help.close();
  });
}

function openHelp(help: HTMLDialogElement): void {
  const rows = ROWS.flatMap(([keys, does]) => {
    const term = document.createElement('dt');
    if (typeof keys === 'string') term.append(text(keys));
    else term.append(...keys.flatMap((key, at) => [at > 0 ? ' ' : '', keyCap(key)]));
    const meaning = document.createElement('dd');
    meaning.append(text(does));
    return [term, meaning];
  });
  byId('help-list', HTMLElement).replaceChildren(...rows);
  help.showModal();
}

function keyCap(key: string): HTMLElement {
  const cap = document.createElement('kbd');
  cap.append(key);
  return cap;
}
