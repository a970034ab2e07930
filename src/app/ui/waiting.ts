import { ProgressText } from '../progress-text';
import type { Progress } from '../protocol';
import type { Photo, Session } from '../session';
import { percent, text } from '../text/language';
import { byId, setText } from './dom';

const STAGE_TEXT = {
  decoding: 'wait.decoding',
  preparing: 'wait.preparing',
  enhancing: 'wait.enhancing',
} as const satisfies Record<Progress['stage'], string>;

/** Progress: the pill on the stage for the selected photo, the tab's title for all photos. */
export class Waiting {
  readonly #session: Session;
  readonly #bar = byId('pill-progress', HTMLProgressElement);
  readonly #cancel = byId('cancel', HTMLButtonElement);
  readonly #text = new ProgressText();

  constructor(session: Session) {
    this.#session = session;
    this.#cancel.addEventListener('click', () => {
      if (session.selected) session.cancel(session.selected);
    });
  }

  render(): void {
    this.#renderPill(this.#session.selected);
    this.#renderTitle();
  }

  #renderPill(photo: Photo | null): void {
    const state = photo?.state;
    const isBusy = state?.phase === 'working' || state?.phase === 'waiting';
    byId('pill', HTMLElement).hidden = !isBusy || this.#session.readiness.phase === 'blocked';
    if (!photo || !isBusy) return;
    const isCancelling = state.phase === 'working' && state.isCancelling;
    const progress = state.phase === 'working' ? state.progress : null;
    const stage = progress ? STAGE_TEXT[progress.stage] : 'wait.queued';
    setText('pill-label', text(isCancelling ? 'wait.cancelling' : stage));
    setText('pill-left', isCancelling ? '' : this.#text.of(photo, progress, performance.now()));
    this.#cancel.disabled = isCancelling;
    if (progress?.fraction == null || isCancelling) this.#bar.removeAttribute('value');
    else this.#bar.value = progress.fraction;
  }

  #renderTitle(): void {
    const { photos } = this.#session;
    const working = photos.find(({ state }) => state.phase === 'working');
    const title = working ? workTitle(working, photos) : text('page.title');
    if (document.title !== title) document.title = title;
  }
}

function workTitle(photo: Photo, photos: readonly Photo[]): string {
  const { state, file } = photo;
  const progress = state.phase === 'working' ? state.progress : null;
  const fraction = progress?.stage === 'enhancing' ? (progress.fraction ?? 0) : 0;
  const done = photos.filter(
    (other) => other.state.phase === 'done' || other.state.phase === 'failed',
  ).length;
  if (photos.length === 1) return text('wait.title', { percent: percent(fraction), name: file.name });
  const all = percent((done + fraction) / photos.length);
  return text('wait.title-many', { at: done + 1, total: photos.length, percent: all });
}
