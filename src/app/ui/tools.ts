import type { Engine } from '../engine';
import { explain } from '../problems';
import { type Photo, problemOf, type Session } from '../session';
import { byId } from './dom';
import { saveAll, savePhoto } from './save';

/** Strength and saving. */
export class Tools {
  readonly #session: Session;
  readonly #save = byId('save', HTMLButtonElement);
  readonly #saveAll = byId('save-all', HTMLButtonElement);
  readonly #strength = byId('strength', HTMLInputElement);
  #isSaving = false;
  #message = '';

  constructor(session: Session, engine: Engine) {
    this.#session = session;
    this.#strength.addEventListener('input', () => {
      const { selected } = session;
      if (selected) session.setStrength(selected, this.#strength.valueAsNumber / 100);
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
    const { photos, selected } = this.#session;
    const canSave = selected !== null && isDone(selected);
    this.#strength.disabled = !canSave;
    const percent = Math.round((selected?.strength ?? 1) * 100);
    this.#strength.value = String(percent);
    this.#strength.style.setProperty('--value', `${percent}%`);
    byId('strength-value', HTMLOutputElement).textContent = `${percent}%`;
    this.#save.disabled = !canSave || this.#isSaving;
    this.#saveAll.hidden = photos.length < 2;
    this.#saveAll.disabled = this.#isSaving || !photos.some(isDone);
    byId('caption', HTMLElement).textContent = selected ? caption(selected) : '';
    const announcer = byId('announcer', HTMLElement);
    const message = this.#message || (canSave ? `${selected.file.name} enhanced` : '');
    if (announcer.textContent !== message) announcer.textContent = message;
  }

  async #run(save: () => Promise<void>, success: string): Promise<void> {
    this.#isSaving = true;
    this.#message = '';
    this.render();
    try {
      await save();
      this.#message = success;
    } catch (error) {
      const problem = problemOf(error);
      this.#message = explain(problem).title;
    }
    this.#isSaving = false;
    this.render();
  }
}

const isDone = (photo: Photo): boolean => photo.state.phase === 'done';

function caption({ file, state }: Photo): string {
  return state.phase === 'done'
    ? `${file.name} · ${state.enhanced.width} × ${state.enhanced.height}`
    : file.name;
}
