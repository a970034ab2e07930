import type { Engine } from './engine';
import { DEFAULT_MODEL, type ModelName } from './models';
import { type AdapterSummary, type Enhanced, type Problem, ProblemError, type Progress } from './protocol';

export type PhotoState =
  | { readonly phase: 'waiting' }
  | { readonly phase: 'working'; readonly progress: Progress }
  | { readonly phase: 'done'; readonly enhanced: Enhanced }
  | { readonly phase: 'failed'; readonly problem: Problem };

export interface Photo {
  readonly id: number;
  readonly file: File;
  thumbnail: ImageBitmap | null;
  state: PhotoState;
  /** 0..1, applied when the photo is shown and saved. */
  strength: number;
}

export type Readiness =
  | { readonly phase: 'starting' }
  | { readonly phase: 'ready'; readonly adapter: AdapterSummary }
  | { readonly phase: 'blocked'; readonly problem: Problem };

const THUMBNAIL_SIDE = 192;

/** Problems that concern the page as a whole: no photo can succeed before they are solved. */
const BLOCKING = new Set<string>(['no-webgpu', 'insecure', 'no-adapter', 'weights']);

/**
 * The photos of this visit and the queue that enhances them one by one, the selected one first. Knows no DOM;
 * whoever draws it subscribes to changes.
 */
export class Session {
  readonly #engine: Engine;
  readonly #listeners = new Set<() => void>();
  #photos: Photo[] = [];
  #selected: Photo | null = null;
  #readiness: Readiness = { phase: 'starting' };
  #model: ModelName = DEFAULT_MODEL;
  /** `isStale`: the model has been changed since; the photo waits for the new one. */
  #running: { readonly photo: Photo; readonly controller: AbortController; isStale: boolean } | null = null;
  #thumbnails: Promise<void> = Promise.resolve();
  #lastId = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get photos(): readonly Photo[] {
    return this.#photos;
  }

  get selected(): Photo | null {
    return this.#selected;
  }

  get readiness(): Readiness {
    return this.#readiness;
  }

  get model(): ModelName {
    return this.#model;
  }

  subscribe(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Opens the device. Called once at the start, and again by a user who has removed what blocked it. */
  async start(): Promise<void> {
    this.#readiness = { phase: 'starting' };
    this.#changed();
    try {
      this.#readiness = { phase: 'ready', adapter: await this.#engine.call('start', { model: this.#model }) };
    } catch (error) {
      this.#readiness = { phase: 'blocked', problem: problemOf(error) };
    }
    this.#changed();
    void this.#pump();
  }

  /** Adds photos to the queue and selects the first of them. */
  add(files: readonly File[]): void {
    const strength = this.#selected?.strength ?? 1;
    const added = files.map((file): Photo => {
      return { id: ++this.#lastId, file, thumbnail: null, state: { phase: 'waiting' }, strength };
    });
    if (!added[0]) return;
    this.#photos = [...this.#photos, ...added];
    this.#selected = added[0];
    for (const photo of added) this.#thumbnails = this.#thumbnails.then(() => this.#makeThumbnail(photo));
    this.#changed();
    void this.#pump();
  }

  /** Tells what is wrong with something that is no file, as if it were a photo that failed. */
  refuse(name: string, problem: Problem): void {
    if (this.#readiness.phase === 'blocked') return;
    const state = { phase: 'failed', problem } as const;
    const photo: Photo = {
      id: ++this.#lastId,
      file: new File([], name),
      thumbnail: null,
      state,
      strength: 1,
    };
    this.#photos = [...this.#photos, photo];
    this.#selected = photo;
    this.#changed();
  }

  select(photo: Photo): void {
    this.#selected = photo;
    this.#changed();
  }

  remove(photo: Photo): void {
    const at = this.#photos.indexOf(photo);
    if (at < 0) return;
    this.cancel(photo);
    this.#photos = this.#photos.filter((other) => other !== photo);
    if (this.#selected === photo) this.#selected = this.#photos[at] ?? this.#photos[at - 1] ?? null;
    photo.thumbnail?.close();
    this.#changed();
  }

  /** Stops the photo's enhancement, or takes it out of the queue. */
  cancel(photo: Photo): void {
    if (this.#running?.photo === photo) this.#running.controller.abort();
    else if (photo.state.phase === 'waiting')
      this.#set(photo, { phase: 'failed', problem: { kind: 'cancelled' } });
  }

  retry(photo: Photo): void {
    this.#set(photo, { phase: 'waiting' });
    void this.#pump();
  }

  /** Marks a photo as failed by something outside the queue. */
  fail(photo: Photo, problem: Problem): void {
    this.#set(photo, { phase: 'failed', problem });
  }

  setStrength(photo: Photo, strength: number): void {
    photo.strength = strength;
    this.#changed();
  }

  /** Enhances all photos anew by another model, those also that the one before could not do. */
  setModel(model: ModelName): void {
    if (model === this.#model) return;
    this.#model = model;
    if (this.#running) {
      this.#running.isStale = true;
      this.#running.controller.abort();
    }
    for (const photo of this.#photos) if (dependsOnModel(photo.state)) photo.state = { phase: 'waiting' };
    this.#changed();
    void this.#pump();
  }

  async #pump(): Promise<void> {
    while (!this.#running && this.#readiness.phase === 'ready') {
      const photo = this.#next();
      if (!photo) return;
      await this.#enhance(photo);
    }
  }

  #next(): Photo | undefined {
    const waits = (photo: Photo | null) => photo?.state.phase === 'waiting';
    if (this.#selected && waits(this.#selected)) return this.#selected;
    return this.#photos.find(waits);
  }

  async #enhance(photo: Photo): Promise<void> {
    const controller = new AbortController();
    const model = this.#model;
    const running = { photo, controller, isStale: false };
    this.#running = running;
    this.#set(photo, { phase: 'working', progress: { stage: 'decoding', fraction: null } });
    try {
      const enhanced = await this.#engine.call(
        'enhance',
        { file: photo.file, model },
        {
          signal: controller.signal,
          onProgress: (progress) => this.#set(photo, { phase: 'working', progress }),
        },
      );
      this.#running = null;
      this.#set(photo, running.isStale ? { phase: 'waiting' } : { phase: 'done', enhanced });
    } catch (error) {
      const problem = problemOf(error);
      this.#running = null;
      // Weights of another model may be out of reach while those of the first are kept.
      const blocks = BLOCKING.has(problem.kind) && (problem.kind !== 'weights' || model === DEFAULT_MODEL);
      if (blocks) this.#readiness = { phase: 'blocked', problem };
      const waits = blocks || (problem.kind === 'cancelled' && running.isStale);
      this.#set(photo, waits ? { phase: 'waiting' } : { phase: 'failed', problem });
    }
  }

  /** Also the first look at the file: what is not a photo fails here, without waiting for its turn. */
  async #makeThumbnail(photo: Photo): Promise<void> {
    if (!this.#photos.includes(photo)) return;
    try {
      photo.thumbnail = await this.#engine.call('thumbnail', { file: photo.file, side: THUMBNAIL_SIDE });
      this.#changed();
    } catch (error) {
      const problem = problemOf(error);
      if (photo.state.phase === 'waiting' && problem.kind !== 'crashed')
        this.#set(photo, { phase: 'failed', problem });
    }
  }

  #set(photo: Photo, state: PhotoState): void {
    photo.state = state;
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** What a photo has become by one model, and may not become by another. */
function dependsOnModel(state: PhotoState): boolean {
  if (state.phase !== 'failed') return state.phase === 'done';
  return ['weights', 'out-of-memory', 'device-lost', 'crashed'].includes(state.problem.kind);
}

export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  return { kind: 'internal', detail: error instanceof Error ? error.message : String(error) };
}
