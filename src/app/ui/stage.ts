import type { Engine } from '../engine';
import { explain } from '../problems';
import type { Enhanced, Picture, Problem } from '../protocol';
import { type Photo, problemOf, type Session } from '../session';
import type { SettingsStore } from '../settings';
import { percent, text } from '../text/language';
import { Divider } from './divider';
import { byId, setText } from './dom';
import { attachGestures } from './gestures';
import type { HistogramView } from './histogram-view';
import type { Insets } from './view-transform';
import { closePicture, Viewer, type ViewerLayout } from './viewer';

/** Sides narrower than this percentage of the photo have no room for their label. */
const TAG_SHARE = 18;

const NARROW = matchMedia('(max-width: 640px)');
const ZOOM_STEP = 1.5;
const PAN_STEP = 48;

/** The selected photo: comparison, zoom, and problems. */
export class Stage {
  readonly #session: Session;
  readonly #engine: Engine;
  readonly #settings: SettingsStore;
  readonly #histogram: HistogramView;
  readonly #viewer: Viewer;
  readonly #divider: Divider;
  readonly #element = byId('stage', HTMLElement);
  readonly #dividerElement = byId('divider', HTMLElement);
  readonly #tags = [byId('tag-before', HTMLElement), byId('tag-after', HTMLElement)] as const;
  /** The last requested photo, which may still be loading. */
  #photo: Photo | null = null;
  #enhanced: Enhanced | null = null;
  /** The pictures shown. */
  #before: Picture | null = null;
  #after: Picture | null = null;
  #layout: ViewerLayout | null = null;
  #isPeeking = false;
  /** Photos whose change has already been revealed by the divider's sweep. */
  readonly #revealed = new WeakSet<Photo>();

  constructor(session: Session, engine: Engine, settings: SettingsStore, histogram: HistogramView) {
    this.#session = session;
    this.#engine = engine;
    this.#settings = settings;
    this.#histogram = histogram;
    this.#element.tabIndex = 0;
    this.#viewer = new Viewer(byId('view', HTMLCanvasElement), stageInsets, (layout) => {
      this.#layout = layout;
      this.#renderLayout();
    });
    this.#divider = new Divider(this.#dividerElement, (value) => {
      this.#viewer.split = value / 100;
      this.#tags[0].classList.toggle('faded', value < TAG_SHARE);
      this.#tags[1].classList.toggle('faded', value > 100 - TAG_SHARE);
    });
    attachGestures({
      stage: this.#element,
      handle: this.#dividerElement,
      viewer: this.#viewer,
      divider: this.#divider,
      isDivided: () => this.#isDivided,
      setPeek: (isPeeking) => this.setPeek(isPeeking),
    });
    this.#attachButtons();
  }

  render(): void {
    const photo = this.#session.selected;
    const { isSideBySide } = this.#settings.settings;
    this.#renderProblem(photo);
    renderNotes(photo);
    this.#viewer.strength = photo?.strength ?? 1;
    this.#viewer.isApart = isSideBySide;
    byId('side-by-side', HTMLButtonElement).setAttribute('aria-pressed', String(isSideBySide));
    this.#divider.render();
    this.#open(photo);
    this.#renderLayout();
  }

  /** Shows the original instead of the comparison while requested. */
  setPeek(isPeeking: boolean): void {
    this.#isPeeking = isPeeking;
    this.#viewer.isBeforeOnly = isPeeking;
    byId('hold-before', HTMLButtonElement).classList.toggle('held', isPeeking);
    this.#renderLayout();
  }

  toggleSideBySide(): void {
    this.#settings.change({ isSideBySide: !this.#settings.settings.isSideBySide });
    this.render();
  }

  zoomIn(): void {
    this.#viewer.zoomBy(ZOOM_STEP);
  }

  zoomOut(): void {
    this.#viewer.zoomBy(1 / ZOOM_STEP);
  }

  zoomToFit(): void {
    this.#viewer.zoomToFit();
  }

  zoomToActual(): void {
    this.#viewer.zoomToActual();
  }

  /** Moves a zoomed photo by steps; false if there is nothing to move. */
  pan(right: number, down: number): boolean {
    if (this.#viewer.isFitted) return false;
    this.#viewer.panBy(-right * PAN_STEP, -down * PAN_STEP);
    return true;
  }

  get #isDivided(): boolean {
    return this.#after !== null && !this.#settings.settings.isSideBySide && !this.#isPeeking;
  }

  /**
   * Loads the changed pictures of the photo and its enhanced version. The old ones stay until the new ones are ready.
   */
  #open(photo: Photo | null): void {
    if (photo !== this.#photo) {
      this.#show(null, null, false);
      this.#photo = photo;
      this.#enhanced = null;
      if (photo) void this.#openBefore(photo);
    }
    const enhanced = photo?.enhanced ?? null;
    if (enhanced === this.#enhanced) return;
    this.#enhanced = enhanced;
    if (photo && enhanced) void this.#openAfter(photo, enhanced);
  }

  async #openBefore(photo: Photo): Promise<void> {
    try {
      const picture = await this.#engine.call('open', { file: photo.file });
      if (this.#photo === photo) this.#show(picture, this.#after, false);
      else closePicture(picture);
    } catch (error) {
      this.#fail(photo, error);
    }
  }

  async #openAfter(photo: Photo, enhanced: Enhanced): Promise<void> {
    try {
      const picture = await this.#engine.call('openEnhanced', { enhanced });
      if (this.#photo !== photo || this.#enhanced !== enhanced) return closePicture(picture);
      this.#show(this.#before, picture, true);
      if (this.#revealed.has(photo)) return;
      this.#revealed.add(photo);
      this.#divider.reveal();
    } catch (error) {
      this.#fail(photo, error);
    }
  }

  /** Unreadable files are reported by the queue; other errors are reported here. */
  #fail(photo: Photo, error: unknown): void {
    if (this.#photo === photo && photo.state.phase === 'done') this.#session.fail(photo, problemOf(error));
  }

  #show(before: Picture | null, after: Picture | null, keepView: boolean): void {
    // Without the original, the viewer does not own the enhanced picture yet.
    if (!this.#before && this.#after && this.#after !== after) closePicture(this.#after);
    this.#before = before;
    this.#after = after;
    const comparison = before && { before, after };
    this.#viewer.show(comparison, keepView);
    this.#histogram.show(comparison);
    const photo = this.#session.selected;
    if (photo) {
      const name = photo.file.name;
      const label = after ? text('stage.compared', { name }) : name;
      byId('view', HTMLCanvasElement).setAttribute('aria-label', label);
    }
    this.#renderLayout();
  }

  #renderLayout(): void {
    const layout = this.#layout;
    const isDone = layout !== null && this.#before !== null && this.#after !== null;
    const hasCard = !byId('problem', HTMLElement).hidden;
    this.#dividerElement.hidden = !isDone || !this.#isDivided || hasCard;
    const [before, after] = this.#tags;
    before.hidden = !isDone;
    after.hidden = !isDone || this.#isPeeking;
    this.#element.classList.toggle('zoomed', layout !== null && !layout.isFitted);
    this.#element.classList.toggle('apart', !this.#isDivided);
    byId('zoom-actual', HTMLButtonElement).textContent = percent(layout ? layout.scale : 1);
    if (!layout) return;
    const { left, right, top, apart } = layout;
    this.#divider.layout(layout);
    before.style.transform = `translate(${left}px, ${top}px)`;
    const isApart = apart.x > 0 || apart.y > 0;
    after.style.transform = isApart
      ? `translate(calc(24px + ${left + apart.x}px), ${top + apart.y}px)`
      : `translate(calc(${right}px - 100%), ${top}px)`;
    for (const tag of this.#tags) tag.classList.toggle('steady', isApart || this.#isPeeking);
  }

  /** Shows the problem of the photo, or of the page as a whole. */
  #renderProblem(photo: Photo | null): void {
    const problem = this.#blocked ?? (photo?.state.phase === 'failed' ? photo.state.problem : null);
    byId('problem', HTMLElement).hidden = !problem;
    if (!problem || !photo) return;
    const { title, advice, canRetry } = explain(problem);
    setText('problem-title', title);
    setText('problem-advice', advice);
    setText('problem-detail', problem.detail ? `${photo.file.name}: ${problem.detail}` : photo.file.name);
    byId('problem-retry', HTMLButtonElement).hidden = !canRetry;
    setText('problem-retry', text(problem.kind === 'cancelled' ? 'problem.enhance' : 'problem.retry'));
  }

  get #blocked(): Problem | null {
    const { readiness } = this.#session;
    return readiness.phase === 'blocked' ? readiness.problem : null;
  }

  #attachButtons(): void {
    const onClick = (id: string, act: () => void) =>
      byId(id, HTMLButtonElement).addEventListener('click', act);
    const onSelected = (id: string, act: (photo: Photo) => void) =>
      onClick(id, () => {
        if (this.#session.selected) act(this.#session.selected);
      });
    onSelected('problem-retry', (photo) =>
      this.#blocked ? this.#session.start() : this.#session.retry(photo),
    );
    onSelected('problem-remove', (photo) => this.#session.remove(photo));
    onClick('zoom-in', () => this.zoomIn());
    onClick('zoom-out', () => this.zoomOut());
    onClick('zoom-actual', () => this.zoomToActual());
    onClick('zoom-fit', () => this.zoomToFit());
    onClick('side-by-side', () => this.toggleSideBySide());
    this.#attachHold(byId('hold-before', HTMLButtonElement));
  }

  /** A button that acts while held down, by pointer or key. */
  #attachHold(button: HTMLButtonElement): void {
    const isPress = ({ key }: KeyboardEvent) => key === ' ' || key === 'Enter';
    button.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      button.setPointerCapture(event.pointerId);
      this.setPeek(true);
    });
    button.addEventListener('keydown', (event) => {
      if (isPress(event)) this.setPeek(true);
    });
    button.addEventListener('keyup', (event) => {
      if (isPress(event)) this.setPeek(false);
    });
    for (const type of ['pointerup', 'pointercancel', 'blur'] as const)
      button.addEventListener(type, () => this.setPeek(false));
    button.addEventListener('contextmenu', (event) => event.preventDefault());
  }
}

/** Shows losses of the photo. */
function renderNotes(photo: Photo | null): void {
  const notes = (photo?.enhanced?.notes ?? []).map((note) =>
    typeof note === 'string' ? note : text(note.key, { detail: note.detail }),
  );
  byId('photo-notes', HTMLElement).hidden = notes.length === 0;
  setText('photo-notes-text', notes.length > 0 ? text('stage.notes', { notes: notes.join('; ') }) : '');
}

/** Margins around a fitted photo, in CSS pixels. */
function stageInsets(): Insets {
  const room = NARROW.matches ? 0 : 16;
  return { top: room, right: room, bottom: NARROW.matches ? 0 : 4, left: room };
}
