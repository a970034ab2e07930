import type { Engine } from '../engine';
import { MODEL_NAMES, MODELS } from '../models';
import { explain } from '../problems';
import { type Photo, problemOf, type Session } from '../session';
import { byId, setText } from './dom';
import { saveAll, savePhoto } from './save';

/** Strength, model and saving. */
export class Tools {
  readonly #session: Session;
  readonly #save = byId('save', HTMLButtonElement);
  readonly #saveAll = byId('save-all', HTMLButtonElement);
  readonly #strength = byId('strength', HTMLInputElement);
  readonly #model = byId('model', HTMLSelectElement);
  #isSaving = false;
  /** The photo and phase that screen readers were told last. */
  #announced = '';

  constructor(session: Session, engine: Engine) {
    this.#session = session;
    this.#strength.addEventListener('input', () => {
      const { selected } = session;
      if (selected) session.setStrength(selected, this.#strength.valueAsNumber / 100);
    });
    this.#model.append(...MODEL_NAMES.map((name) => new Option(MODELS[name].title, name)));
    this.#model.addEventListener('change', () => {
      const name = MODEL_NAMES[this.#model.selectedIndex];
      if (name) session.setModel(name);
    });
    this.#save.addEventListener('click', () => {
      const { selected } = session;
      if (selected) void this.#run(() => savePhoto(engine, selected), `${selected.file.name} saved`);
    });
    this.#saveAll.addEventListener('click', () => {
      const done = session.photos.filter(isDone);
      void this.#run(() => saveAll(engine, done), `${done.length} photos saved`);
    });
  }

  render(): void {
    const { photos, selected, model } = this.#session;
    this.#model.value = model;
    const canSave = selected !== null && isDone(selected);
    this.#strength.disabled = !canSave;
    const percent = Math.round((selected?.strength ?? 1) * 100);
    this.#strength.value = String(percent);
    this.#strength.style.setProperty('--value', `${percent}%`);
    setText('strength-value', `${percent}%`);
    this.#save.disabled = !canSave || this.#isSaving;
    this.#saveAll.hidden = photos.length < 2;
    this.#saveAll.disabled = this.#isSaving || !photos.some(isDone);
    setText('caption', selected ? caption(selected) : '');
    this.#announce(selected);
  }

  #announce(photo: Photo | null): void {
    const key = photo ? `${photo.id} ${photo.state.phase}` : '';
    if (key === this.#announced) return;
    this.#announced = key;
    say(photo && isDone(photo) ? `${photo.file.name} enhanced` : '');
  }

  async #run(save: () => Promise<void>, success: string): Promise<void> {
    this.#isSaving = true;
    this.render();
    try {
      await save();
      say(success);
    } catch (error) {
      const { title, advice } = explain(problemOf(error));
      say(`Not saved. ${title}. ${advice}`, true);
    }
    this.#isSaving = false;
    this.render();
  }
}

/** Tells screen readers; what went wrong is shown to everyone, until the next message. */
function say(text: string, isShown = false): void {
  setText('announcer', text);
  byId('announcer', HTMLOutputElement).className = isShown ? 'toast' : 'hidden';
}

const isDone = (photo: Photo): boolean => photo.state.phase === 'done';

function caption({ file, state }: Photo): string {
  return state.phase === 'done'
    ? `${file.name} · ${state.enhanced.width} × ${state.enhanced.height}`
    : file.name;
}
