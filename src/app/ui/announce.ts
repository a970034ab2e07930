import type { Photo, Session } from '../session';
import { text } from '../text/language';
import { byId, setText } from './dom';
import { say } from './say';

/** Shows the photo's name beside the view, and tells screen readers when it is enhanced. */
export class Announce {
  readonly #session: Session;
  /** The photo and phase last announced to screen readers. */
  #announced = '';

  constructor(session: Session) {
    this.#session = session;
  }

  render(): void {
    const { selected } = this.#session;
    setText('caption', selected ? caption(selected) : '');
    byId('caption', HTMLElement).title = selected?.file.name ?? '';
    const key = selected ? `${selected.id} ${selected.state.phase}` : '';
    if (key === this.#announced) return;
    this.#announced = key;
    if (selected?.state.phase === 'done') say(text('save.enhanced', { name: selected.file.name }), 'quiet');
  }
}

function caption({ file, enhanced }: Photo): string {
  return enhanced ? `${file.name} · ${enhanced.width} × ${enhanced.height}` : file.name;
}
