import { defaultName, type Encoder, outputName } from '../encoder';
import type { Engine } from '../engine';
import {
  canPickFolder,
  canSaveAs,
  hasFolder,
  pickFolder,
  pickPlace,
  saveBeside,
} from '../file-system-access';
import { explain } from '../problems';
import type { Encoding, OutputType } from '../protocol';
import { type Photo, problemOf, type Session } from '../session';
import { OUTPUT_TYPES, type SettingsStore } from '../settings';
import { fileSize, percent, text } from '../text/language';
import { byId, setText } from './dom';
import { download } from './download';
import { say } from './say';

/** Delay after the last change before the file size is measured. */
const MEASURE_MS = 250;

const TYPE_NAMES: Record<string, string> = {
  'image/jpeg': 'JPEG',
  'image/png': 'PNG',
  'image/webp': 'WebP',
};

/** The format and destination of saved files. */
export class Saving {
  readonly #session: Session;
  readonly #settings: SettingsStore;
  readonly #engine: Engine;
  readonly #encoder: Encoder;
  readonly #buttons = ['save', 'save-all', 'copy', 'save-as', 'save-beside', 'save-folder'].map((id) =>
    byId(id, HTMLButtonElement),
  );
  readonly #type = byId('type', HTMLSelectElement);
  readonly #quality = byId('quality', HTMLInputElement);
  readonly #name = byId('name', HTMLInputElement);
  #types: readonly OutputType[] = OUTPUT_TYPES;
  #isSaving = false;
  /** The inputs of the size that is shown or being measured. */
  #measured: readonly unknown[] = [];
  #measuring: ReturnType<typeof setTimeout> | undefined;
  #size: { readonly bytes: number; readonly type: string } | null = null;

  constructor(session: Session, settings: SettingsStore, engine: Engine, encoder: Encoder) {
    this.#session = session;
    this.#settings = settings;
    this.#engine = engine;
    this.#encoder = encoder;
    this.#attachFields();
    this.#attachButtons();
    void this.#dropUnwritableTypes();
  }

  render(): void {
    const { photos, selected } = this.#session;
    const canSave = selected !== null && isDone(selected) && !this.#isSaving;
    const canSaveAny = photos.some(isDone) && !this.#isSaving;
    for (const button of this.#buttons)
      button.disabled = button.id === 'save-all' || button.id === 'save-folder' ? !canSaveAny : !canSave;
    byId('save-all', HTMLButtonElement).hidden = photos.length < 2;
    byId('save-folder', HTMLButtonElement).hidden = photos.length < 2 || !canPickFolder();
    byId('save-as', HTMLButtonElement).hidden = !canSaveAs();
    byId('save-beside', HTMLButtonElement).hidden = !selected || !hasFolder(selected.file);
    // First, because it forgets the size of another photo.
    this.#measure(selected);
    this.#renderFields(selected);
  }

  /** Downloads the selected photo. */
  save(): void {
    void this.#run(async (photo) => {
      const file = await this.#encode(photo);
      const name = outputName(photo, file.type);
      download(file, name);
      return text('save.saved', { name });
    });
  }

  copy(): void {
    void this.#run(async (photo) => {
      // Passed as a promise, so that Safari still treats it as the user's action.
      const png = this.#encoder.encode(photo, { type: 'image/png', quality: 1 });
      await navigator.clipboard.write([new ClipboardItem({ 'image/png': png })]);
      return text('save.copied', { name: photo.file.name });
    }, false);
  }

  get #encoding(): Encoding {
    const { type, quality } = this.#settings.settings;
    return { type: type && this.#types.includes(type) ? type : null, quality };
  }

  /** The type of the file to save: known once it is measured, and guessed before, so that nothing moves meanwhile. */
  #typeOf(photo: Photo): string {
    const own = OUTPUT_TYPES.find((name) => name === photo.file.type);
    return this.#encoding.type ?? this.#size?.type ?? own ?? 'image/jpeg';
  }

  #encode(photo: Photo): Promise<Blob> {
    return this.#encoder.encode(photo, this.#encoding);
  }

  #saveAs(): void {
    void this.#run(async (photo) => {
      const type = this.#typeOf(photo);
      const place = await pickPlace(outputName(photo, type), type);
      const name = await place?.(await this.#encode(photo));
      return name === undefined ? null : text('save.saved', { name });
    });
  }

  #saveBeside(): void {
    void this.#run(async (photo) => {
      const file = await this.#encode(photo);
      const name = await saveBeside(photo.file, outputName(photo, file.type), file);
      return text('save.saved', { name });
    });
  }

  /** As one ZIP archive: browsers ask before letting a page start many downloads. */
  #saveAll(): void {
    void this.#runAll(async (photos) => {
      const files = [];
      for (const photo of photos) {
        const data = await this.#encode(photo);
        files.push({ name: outputName(photo, data.type), data });
      }
      download(await this.#engine.call('archive', { files }), 'glocal.zip');
      return true;
    });
  }

  #saveFolder(): void {
    void this.#runAll(async (photos) => {
      const folder = await pickFolder(photos[0]?.file);
      if (!folder) return false;
      for (const photo of photos) {
        const data = await this.#encode(photo);
        await folder.save(outputName(photo, data.type), data);
      }
      return true;
    });
  }

  /** @param save returns the message for the user, or null if nothing was done. */
  async #run(save: (photo: Photo) => Promise<string | null>, isSaved = true): Promise<void> {
    const { selected } = this.#session;
    if (!selected || !isDone(selected) || this.#isSaving) return;
    await this.#guard(async () => {
      const message = await save(selected);
      if (message === null) return;
      if (isSaved) this.#session.markSaved(selected);
      say(message, 'done');
    });
  }

  async #runAll(save: (photos: readonly Photo[]) => Promise<boolean>): Promise<void> {
    const done = this.#session.photos.filter(isDone);
    await this.#guard(async () => {
      if (!(await save(done))) return;
      for (const photo of done) this.#session.markSaved(photo);
      const form = done.length === 1 ? 'one' : 'other';
      say(text(`save.saved-many.${form}`, { count: done.length }), 'done');
    });
  }

  async #guard(act: () => Promise<void>): Promise<void> {
    this.#isSaving = true;
    this.render();
    try {
      await act();
    } catch (error) {
      const { title, advice } = explain(problemOf(error));
      say(text('save.failed', { title, advice }), 'bad');
    }
    this.#isSaving = false;
    this.render();
  }

  #renderFields(photo: Photo | null): void {
    const { type, quality } = this.#encoding;
    this.#renderTypes();
    this.#type.value = type ?? '';
    this.#quality.value = String(Math.round(quality * 100));
    this.#quality.style.setProperty('--value', this.#quality.value.concat('%'));
    setText('quality-value', percent(quality));
    byId('quality-field', HTMLElement).hidden = (photo ? this.#typeOf(photo) : type) === 'image/png';
    if (document.activeElement !== this.#name)
      this.#name.value = photo ? (photo.name ?? defaultName(photo.file)) : '';
    this.#name.disabled = !photo;
  }

  #renderTypes(): void {
    const options = [
      new Option(text('save.same'), ''),
      ...this.#types.map((type) => new Option(TYPE_NAMES[type], type)),
    ];
    const names = (list: readonly HTMLOptionElement[]) => list.map((option) => option.text).join('\n');
    if (names([...this.#type.options]) !== names(options)) this.#type.replaceChildren(...options);
  }

  /** Encodes the selected photo after a moment without changes, to show the size of its file. */
  #measure(photo: Photo | null): void {
    const { type, quality } = this.#encoding;
    const wanted = photo && isDone(photo) ? [photo.enhanced, photo.strength, type, quality] : [];
    if (wanted.length !== this.#measured.length || wanted.some((value, at) => value !== this.#measured[at])) {
      this.#measured = wanted;
      this.#size = null;
      clearTimeout(this.#measuring);
      if (photo && wanted.length > 0)
        this.#measuring = setTimeout(() => void this.#measureNow(photo, wanted), MEASURE_MS);
    }
    const size = this.#size;
    const known = size && { format: TYPE_NAMES[size.type] ?? size.type, size: fileSize(size.bytes) };
    setText('size', known ? text('save.size', known) : wanted.length > 0 ? text('save.measuring') : '');
  }

  async #measureNow(photo: Photo, wanted: readonly unknown[]): Promise<void> {
    try {
      const { size, type } = await this.#encode(photo);
      if (this.#measured !== wanted) return;
      this.#size = { bytes: size, type };
      this.render();
    } catch {
      // The reason appears when the user saves the photo.
      if (this.#measured === wanted) setText('size', '');
    }
  }

  /** Browsers that cannot write WebP write PNG instead. */
  async #dropUnwritableTypes(): Promise<void> {
    const made = await new OffscreenCanvas(1, 1).convertToBlob({ type: 'image/webp' }).catch(() => null);
    if (made?.type === 'image/webp') return;
    this.#types = OUTPUT_TYPES.filter((type) => type !== 'image/webp');
    this.render();
  }

  #attachFields(): void {
    this.#type.addEventListener('change', () => {
      const type = OUTPUT_TYPES.find((name) => name === this.#type.value) ?? null;
      this.#settings.change({ type });
      this.render();
    });
    this.#quality.addEventListener('input', () => {
      this.#settings.change({ quality: this.#quality.valueAsNumber / 100 });
      this.render();
    });
    this.#name.addEventListener('input', () => {
      const { selected } = this.#session;
      if (selected) selected.name = this.#name.value.trim() || null;
    });
    this.#name.addEventListener('blur', () => this.render());
  }

  #attachButtons(): void {
    const acts: Record<string, () => void> = {
      save: () => this.save(),
      copy: () => this.copy(),
      'save-as': () => this.#saveAs(),
      'save-beside': () => this.#saveBeside(),
      'save-all': () => this.#saveAll(),
      'save-folder': () => this.#saveFolder(),
    };
    for (const button of this.#buttons) button.addEventListener('click', () => acts[button.id]?.());
  }
}

const isDone = (photo: Photo): boolean => photo.state.phase === 'done';
