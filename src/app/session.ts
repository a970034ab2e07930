import type { Engine } from './engine';
import { DEFAULT_MODEL } from './models';
import {
  type AdapterSummary,
  type Enhanced,
  type Problem,
  ProblemError,
  type Progress,
  type Recipe,
} from './protocol';
import { recipeKey } from './recipe';
import { Results } from './results';

type PhotoState =
  | { readonly phase: 'waiting' }
  | { readonly phase: 'working'; readonly progress: Progress; readonly isCancelling: boolean }
  | { readonly phase: 'done' }
  | { readonly phase: 'failed'; readonly problem: Problem };

export interface Photo {
  readonly id: number;
  readonly file: File;
  thumbnail: ImageBitmap | null;
  enhancedThumbnail: ImageBitmap | null;
  state: PhotoState;
  /** The last result; while another network is at work, the previous network's. */
  enhanced: Enhanced | null;
  /** 0..1, applied when showing and saving the photo. */
  strength: number;
  /** The user's name for the result, without extension; null: derived from the file. */
  name: string | null;
  /** The recipe and strength last saved. */
  saved: string | null;
}

export type Readiness =
  | { readonly phase: 'starting' }
  | { readonly phase: 'ready'; readonly adapter: AdapterSummary }
  | { readonly phase: 'blocked'; readonly problem: Problem };

const THUMBNAIL_SIDE = 192;

/** Bytes of cached results, besides those on display. Browsers move large blobs to disk. */
const RESULT_BYTES = 2 ** 30;

/** Problems of the page as a whole: no photo can succeed until they are solved. */
const BLOCKING = new Set<string>(['no-webgpu', 'insecure', 'no-adapter', 'weights']);

/** `isStale`: the recipe has changed since. The result is cached while the photo waits for the new one. */
interface Running {
  readonly photo: Photo;
  readonly controller: AbortController;
  isStale: boolean;
}

const START: Recipe = { model: DEFAULT_MODEL, finish: false, keepHue: false };

/**
 * The photos of this visit, and the queue that enhances them one by one, the selected one first. Knows no DOM; views
 * subscribe to changes.
 */
export class Session {
  readonly #engine: Engine;
  readonly #listeners = new Set<() => void>();
  readonly #results: Results<Photo>;
  #photos: Photo[] = [];
  #selected: Photo | null = null;
  #readiness: Readiness = { phase: 'starting' };
  #recipe: Recipe;
  #running: Running | null = null;
  #thumbnails: Promise<void> = Promise.resolve();
  #tunedFor: Recipe['model'] | null = null;
  #lastId = 0;

  constructor(engine: Engine, recipe: Recipe = START, resultBytes = RESULT_BYTES) {
    this.#engine = engine;
    this.#recipe = recipe;
    this.#results = new Results(resultBytes, (photo, enhanced) => photo.enhanced === enhanced);
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

  get recipe(): Recipe {
    return this.#recipe;
  }

  /** Photos whose current result has not been saved. */
  get unsaved(): readonly Photo[] {
    return this.#photos.filter((photo) => photo.enhanced && photo.saved !== this.#version(photo));
  }

  subscribe(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Opens the device. Called once at the start, and again when the user has removed an obstacle. */
  async start(): Promise<void> {
    this.#readiness = { phase: 'starting' };
    this.#changed();
    try {
      const adapter = await this.#engine.call('start', { model: DEFAULT_MODEL });
      this.#readiness = { phase: 'ready', adapter };
    } catch (error) {
      this.#readiness = { phase: 'blocked', problem: problemOf(error) };
    }
    this.#changed();
    void this.#pump();
  }

  /** Queues photos and selects the first. */
  add(files: readonly File[]): void {
    const added = files.map((file) => this.#photo(file, { phase: 'waiting' }));
    if (!added[0]) return;
    this.#photos = [...this.#photos, ...added];
    this.#selected = added[0];
    for (const photo of added) this.#thumbnails = this.#thumbnails.then(() => this.#makeThumbnail(photo));
    this.#changed();
    void this.#pump();
  }

  /** Lists an item that is not a file, with its problem, like a failed photo. */
  refuse(name: string, problem: Problem): void {
    if (this.#readiness.phase === 'blocked') return;
    const photo = this.#photo(new File([], name), { phase: 'failed', problem });
    this.#photos = [...this.#photos, photo];
    this.#selected = photo;
    this.#changed();
  }

  select(photo: Photo): void {
    this.#selected = photo;
    this.#changed();
  }

  /** Moves the selection by a number of photos, within the list. */
  step(by: number): void {
    if (!this.#selected) return;
    const at = this.#photos.indexOf(this.#selected) + by;
    const next = this.#photos[Math.min(this.#photos.length - 1, Math.max(0, at))];
    if (next && next !== this.#selected) this.select(next);
  }

  remove(photo: Photo): void {
    const at = this.#photos.indexOf(photo);
    if (at < 0) return;
    this.cancel(photo);
    this.#photos = this.#photos.filter((other) => other !== photo);
    if (this.#selected === photo) this.#selected = this.#photos[at] ?? this.#photos[at - 1] ?? null;
    this.#results.forget(photo);
    photo.thumbnail?.close();
    photo.enhancedThumbnail?.close();
    this.#changed();
  }

  /** Stops the photo's enhancement, or removes it from the queue. */
  cancel(photo: Photo): void {
    const { state } = photo;
    if (this.#running?.photo === photo && state.phase === 'working') {
      this.#running.controller.abort();
      this.#set(photo, { ...state, isCancelling: true });
    } else if (state.phase === 'waiting') {
      this.#set(photo, { phase: 'failed', problem: { kind: 'cancelled' } });
    }
  }

  retry(photo: Photo): void {
    this.#set(photo, { phase: 'waiting' });
    void this.#pump();
  }

  /** Marks a photo as failed for a reason outside the queue. */
  fail(photo: Photo, problem: Problem): void {
    this.#set(photo, { phase: 'failed', problem });
  }

  setStrength(photo: Photo, strength: number): void {
    photo.strength = strength;
    this.#changed();
  }

  /** Enhances all photos by another recipe, including those that failed with the previous one. */
  setRecipe(recipe: Recipe): void {
    if (recipeKey(recipe) === recipeKey(this.#recipe)) return;
    this.#recipe = recipe;
    if (this.#running) {
      this.#running.isStale = true;
      this.#running.controller.abort();
    }
    for (const photo of this.#photos) if (dependsOnRecipe(photo.state)) this.#queue(photo);
    this.#changed();
    void this.#pump();
  }

  /** Records that the photo was saved in its current state. */
  markSaved(photo: Photo): void {
    photo.saved = this.#version(photo);
    this.#changed();
  }

  #photo(file: File, state: PhotoState): Photo {
    const strength = this.#selected?.strength ?? 1;
    const empty = { thumbnail: null, enhancedThumbnail: null, enhanced: null, name: null, saved: null };
    return { id: ++this.#lastId, file, state, strength, ...empty };
  }

  #version(photo: Photo): string {
    return `${recipeKey(this.#recipe)} ${photo.strength}`;
  }

  /** Uses a cached result if there is one. */
  #queue(photo: Photo): void {
    const kept = this.#results.get(photo, recipeKey(this.#recipe));
    if (kept) this.#finish(photo, kept);
    else photo.state = { phase: 'waiting' };
  }

  #finish(photo: Photo, enhanced: Enhanced): void {
    photo.enhanced = enhanced;
    photo.state = { phase: 'done' };
    this.#thumbnails = this.#thumbnails.then(() => this.#makeEnhancedThumbnail(photo, enhanced));
  }

  async #pump(): Promise<void> {
    while (!this.#running && this.#readiness.phase === 'ready') {
      const photo = this.#next();
      if (!photo) break;
      await this.#enhance(photo);
    }
    await this.#tune();
  }

  /** Once nothing waits, measures kernels with the network that was used last. */
  async #tune(): Promise<void> {
    const { model } = this.#recipe;
    const hasWorked = this.#photos.some(({ state }) => state.phase === 'done');
    if (this.#running || this.#tunedFor === model || !hasWorked) return;
    if (this.#readiness.phase !== 'ready' || this.#readiness.adapter.isSoftware) return;
    this.#tunedFor = model;
    try {
      const adapter = await this.#engine.call('tune', { model });
      if (this.#readiness.phase === 'ready') this.#readiness = { phase: 'ready', adapter };
      this.#changed();
    } catch (error) {
      // The built-in kernels give the same pictures; any real problem shows at the next photo.
      console.info(error);
    }
  }

  #next(): Photo | undefined {
    const waits = (photo: Photo | null) => photo?.state.phase === 'waiting';
    if (this.#selected && waits(this.#selected)) return this.#selected;
    return this.#photos.find(waits);
  }

  async #enhance(photo: Photo): Promise<void> {
    const running: Running = { photo, controller: new AbortController(), isStale: false };
    const recipe = this.#recipe;
    this.#running = running;
    const show = (progress: Progress) => {
      // The stage already shows another network's result, and progress of the old recipe does not concern it.
      if (running.isStale) return;
      const isCancelling = running.controller.signal.aborted;
      this.#set(photo, { phase: 'working', progress, isCancelling });
    };
    show({ stage: 'decoding', fraction: null });
    try {
      const enhanced = await this.#engine.call(
        'enhance',
        { file: photo.file, recipe },
        { signal: running.controller.signal, onProgress: show },
      );
      this.#running = null;
      if (this.#photos.includes(photo)) this.#results.put(photo, recipeKey(recipe), enhanced);
      if (!running.isStale) this.#finish(photo, enhanced);
    } catch (error) {
      this.#running = null;
      this.#fail(running, recipe, problemOf(error));
    }
    this.#changed();
  }

  #fail({ photo, isStale }: Running, recipe: Recipe, problem: Problem): void {
    // Another model's weights may be unreachable while those of the first are cached.
    const blocks =
      BLOCKING.has(problem.kind) && (problem.kind !== 'weights' || recipe.model === DEFAULT_MODEL);
    if (blocks) this.#readiness = { phase: 'blocked', problem };
    // After a stale run, only a cancelled photo is not queued again yet.
    if (isStale) return;
    if (blocks) this.#queue(photo);
    else photo.state = { phase: 'failed', problem };
  }

  /** This is also the first look at the file: non-photos fail here without waiting in the queue. */
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

  async #makeEnhancedThumbnail(photo: Photo, enhanced: Enhanced): Promise<void> {
    if (!this.#photos.includes(photo) || photo.enhanced !== enhanced) return;
    try {
      const made = await this.#engine.call('enhancedThumbnail', { enhanced, side: THUMBNAIL_SIDE });
      photo.enhancedThumbnail?.close();
      photo.enhancedThumbnail = made;
      this.#changed();
    } catch {
      // The strip keeps its picture; the stage reports the problem when the photo is opened.
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

/** Whether the state could be different under another recipe. */
function dependsOnRecipe(state: PhotoState): boolean {
  if (state.phase !== 'failed') return true;
  return ['weights', 'own-weights', 'out-of-memory', 'device-lost', 'crashed'].includes(state.problem.kind);
}

export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  if (error instanceof DOMException && error.name === 'NotAllowedError')
    return { kind: 'not-allowed', detail: error.message };
  return { kind: 'internal', detail: error instanceof Error ? error.message : String(error) };
}
