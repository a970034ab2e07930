import type { Engine } from '../engine';
import { DEFAULT_MODEL } from '../models';
import type { Picture } from '../protocol';
import type { Session } from '../session';
import { Divider } from './divider';
import { byId } from './dom';
import { demoUrl } from './examples';
import { closePicture, Viewer } from './viewer';

/**
 * An example on the landing, enhanced live by the network that the visitor's photos will use. It disappears when
 * there are photos. Its errors are ignored: the page reports the same problems elsewhere.
 */
export class Demo {
  readonly #session: Session;
  readonly #engine: Engine;
  readonly #element = byId('demo', HTMLElement);
  readonly #viewer: Viewer;
  readonly #divider: Divider;
  #run: AbortController | null = null;
  #isDone = false;
  #hasFailed = false;

  constructor(session: Session, engine: Engine) {
    this.#session = session;
    this.#engine = engine;
    const handle = byId('demo-divider', HTMLElement);
    const tags = ['demo-before', 'demo-after'].map((id) => byId(id, HTMLElement));
    this.#viewer = new Viewer(
      byId('demo-view', HTMLCanvasElement),
      () => ({ top: 0, right: 0, bottom: 0, left: 0 }),
      (layout) => {
        for (const part of [handle, ...tags]) part.hidden = !layout || !this.#isDone;
        if (layout) this.#divider.layout(layout);
      },
    );
    this.#divider = new Divider(handle, (value) => {
      this.#viewer.split = value / 100;
    });
    this.#attachPointer(handle);
  }

  render(): void {
    const url = demoUrl();
    const hasPhotos = this.#session.photos.length > 0;
    this.#element.hidden = !url || this.#session.readiness.phase === 'blocked';
    this.#divider.render();
    const isWanted = url && !hasPhotos && !this.#isDone && !this.#hasFailed;
    if (hasPhotos) this.#run?.abort();
    else if (isWanted && !this.#run && this.#session.readiness.phase === 'ready') void this.#start(url);
  }

  async #start(url: string): Promise<void> {
    const run = new AbortController();
    this.#run = run;
    const pictures: Picture[] = [];
    try {
      const response = await fetch(url, { signal: run.signal });
      const file = await response.blob();
      const before = await this.#engine.call('open', { file });
      pictures.push(before);
      this.#viewer.show({ before, after: null }, false);
      const recipe = { model: DEFAULT_MODEL, finish: false, keepHue: false } as const;
      const enhanced = await this.#engine.call('enhance', { file, recipe }, { signal: run.signal });
      const after = await this.#engine.call('openEnhanced', { enhanced });
      this.#isDone = true;
      this.#viewer.show({ before, after }, true);
      this.#divider.reveal();
      this.#element.dataset.state = 'done';
    } catch {
      // If stopped for a photo, it restarts when no photos are left.
      this.#hasFailed = !run.signal.aborted;
      this.#viewer.show(null, false);
      for (const picture of pictures) closePicture(picture);
    }
    this.#run = null;
  }

  #attachPointer(handle: HTMLElement): void {
    const move = (event: PointerEvent) => {
      this.#divider.moveTo(event.clientX - this.#element.getBoundingClientRect().left);
    };
    this.#element.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      this.#element.setPointerCapture(event.pointerId);
      handle.focus({ preventScroll: true });
      event.preventDefault();
      move(event);
    });
    this.#element.addEventListener('pointermove', (event) => {
      if (this.#element.hasPointerCapture(event.pointerId)) move(event);
    });
  }
}
