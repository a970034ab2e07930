import type { Engine } from '../engine';
import { explain } from '../problems';
import type { Problem, Progress } from '../protocol';
import { type Photo, problemOf, type Session } from '../session';
import { Divider } from './divider';
import { byId, setText } from './dom';
import { attachGestures } from './gestures';
import type { Insets } from './view-transform';
import { Viewer, type ViewerLayout } from './viewer';

const STAGE_TEXT: Record<Progress['stage'], string> = {
  decoding: 'Reading the photo',
  preparing: 'Preparing the network',
  enhancing: 'Enhancing',
};

const WAITING_TEXT = 'Waiting for its turn';
/** Percentage of the photo below which a side is too narrow for its name. */
const TAG_SHARE = 18;

const NARROW = matchMedia('(max-width: 640px)');

/** The selected photo: comparison, zoom, progress, and what went wrong. */
export class Stage {
  readonly #session: Session;
  readonly #engine: Engine;
  readonly #viewer: Viewer;
  readonly #divider: Divider;
  readonly #dividerElement = byId('divider', HTMLElement);
  readonly #tags = [byId('tag-before', HTMLElement), byId('tag-after', HTMLElement)] as const;
  /** The photo on the stage and its phase when it was opened; another of either has to be opened. */
  #shown: { photo: Photo; isEnhanced: boolean } | null = null;
  #hasAfter = false;
  /** Photos whose change has been shown by the sweep of the divider. */
  readonly #revealed = new WeakSet<Photo>();

  constructor(session: Session, engine: Engine) {
    this.#session = session;
    this.#engine = engine;
    const stage = byId('stage', HTMLElement);
    stage.tabIndex = 0;
    this.#viewer = new Viewer(byId('view', HTMLCanvasElement), stageInsets, (layout) =>
      this.#onLayout(layout),
    );
    this.#divider = new Divider(this.#dividerElement, (value) => {
      this.#viewer.split = value / 100;
      this.#tags[0].classList.toggle('faded', value < TAG_SHARE);
      this.#tags[1].classList.toggle('faded', value > 100 - TAG_SHARE);
    });
    attachGestures(stage, this.#dividerElement, this.#viewer, this.#divider);
    this.#attachButtons();
  }

  render(): void {
    const photo = this.#session.selected;
    this.#renderPill(photo);
    this.#renderProblem(photo);
    renderNotes(photo);
    this.#viewer.strength = photo?.strength ?? 1;
    void this.#open(photo);
  }

  async #open(photo: Photo | null): Promise<void> {
    if (!photo) {
      this.#shown = null;
      this.#show(null, false);
      return;
    }
    const enhanced = photo.state.phase === 'done' ? photo.state.enhanced : null;
    const isSamePhoto = this.#shown?.photo === photo;
    if (isSamePhoto && this.#shown?.isEnhanced === Boolean(enhanced)) return;
    const shown = { photo, isEnhanced: Boolean(enhanced) };
    this.#shown = shown;
    if (!isSamePhoto) this.#show(null, false);
    byId('view', HTMLCanvasElement).setAttribute('aria-label', describe(photo, Boolean(enhanced)));
    try {
      const comparison = await this.#engine.call('open', { file: photo.file, enhanced });
      if (this.#shown !== shown) return;
      this.#show(comparison, isSamePhoto);
      if (enhanced && !this.#revealed.has(photo)) this.#divider.reveal();
      if (enhanced) this.#revealed.add(photo);
    } catch (error) {
      // A file that cannot be read fails in the queue too, which tells the user; anything else is told here.
      if (this.#shown === shown && enhanced) this.#session.fail(photo, problemOf(error));
    }
  }

  #show(comparison: Parameters<Viewer['show']>[0], keepView: boolean): void {
    this.#hasAfter = Boolean(comparison?.after);
    this.#viewer.show(comparison, keepView);
  }

  #onLayout(layout: ViewerLayout | null): void {
    const isCompared = layout !== null && this.#hasAfter;
    this.#dividerElement.hidden = !isCompared;
    for (const tag of this.#tags) tag.hidden = !isCompared;
    byId('stage', HTMLElement).classList.toggle('zoomed', layout !== null && !layout.isFitted);
    byId('zoom-actual', HTMLButtonElement).textContent = layout
      ? `${Math.round(layout.scale * 100)}%`
      : '100%';
    if (!layout) return;
    this.#divider.layout(layout);
    const [before, after] = this.#tags;
    before.style.transform = `translate(${layout.left}px, ${layout.top}px)`;
    after.style.transform = `translate(calc(${layout.right}px - 100%), ${layout.top}px)`;
  }

  #renderPill(photo: Photo | null): void {
    const phase = photo?.state.phase;
    const isBusy = !this.#blocked && (phase === 'working' || phase === 'waiting');
    byId('pill', HTMLElement).hidden = !isBusy;
    if (!isBusy || !photo) return;
    const progress = photo.state.phase === 'working' ? photo.state.progress : null;
    setText('pill-label', progress ? STAGE_TEXT[progress.stage] : WAITING_TEXT);
    const bar = byId('pill-progress', HTMLProgressElement);
    if (progress?.fraction == null) bar.removeAttribute('value');
    else bar.value = progress.fraction;
  }

  /** What is wrong with the photo, or with the page as a whole. */
  #renderProblem(photo: Photo | null): void {
    const problem = this.#blocked ?? (photo?.state.phase === 'failed' ? photo.state.problem : null);
    byId('problem', HTMLElement).hidden = !problem;
    if (!problem || !photo) return;
    const { title, advice, canRetry } = explain(problem);
    setText('problem-title', title);
    setText('problem-advice', advice);
    setText('problem-detail', problem.detail ? `${photo.file.name}: ${problem.detail}` : photo.file.name);
    byId('problem-retry', HTMLButtonElement).hidden = !canRetry;
    setText('problem-retry', problem.kind === 'cancelled' ? 'Enhance' : 'Try again');
  }

  get #blocked(): Problem | null {
    const { readiness } = this.#session;
    return readiness.phase === 'blocked' ? readiness.problem : null;
  }

  #attachButtons(): void {
    const onClick = (id: string, act: (photo: Photo) => void) => {
      byId(id, HTMLButtonElement).addEventListener('click', () => {
        if (this.#session.selected) act(this.#session.selected);
      });
    };
    onClick('cancel', (photo) => this.#session.cancel(photo));
    onClick('problem-retry', (photo) => (this.#blocked ? this.#session.start() : this.#session.retry(photo)));
    onClick('problem-remove', (photo) => this.#session.remove(photo));
    onClick('zoom-in', () => this.#viewer.zoomBy(1.5));
    onClick('zoom-out', () => this.#viewer.zoomBy(1 / 1.5));
    onClick('zoom-actual', () => this.#viewer.zoomToActual());
    onClick('zoom-fit', () => this.#viewer.zoomToFit());
  }
}

/** What could not be kept of the photo. */
function renderNotes(photo: Photo | null): void {
  const notes = photo?.state.phase === 'done' ? photo.state.enhanced.notes : [];
  byId('photo-notes', HTMLElement).hidden = notes.length === 0;
  setText('photo-notes-text', notes.length > 0 ? `It ${notes.join('; ')}.` : '');
}

/** Room around a fitted photo, in CSS pixels. */
function stageInsets(): Insets {
  const room = NARROW.matches ? 0 : 16;
  return { top: room, right: room, bottom: room, left: room };
}

function describe(photo: Photo, isEnhanced: boolean): string {
  return isEnhanced ? `${photo.file.name}, before on the left and after on the right` : photo.file.name;
}
