import { MODEL_NAMES } from '../models';
import type { Model, Recipe } from '../protocol';
import type { Session } from '../session';
import type { SettingsStore } from '../settings';
import { percent, text } from '../text/language';
import { byId, setText } from './dom';
import type { HistogramView } from './histogram-view';

/** The settings for enhancement: strength, network, black and white point, hues. */
export class Adjust {
  readonly #session: Session;
  readonly #settings: SettingsStore;
  readonly #histogram: HistogramView;
  readonly #strength = byId('strength', HTMLInputElement);
  readonly #model = byId('model', HTMLSelectElement);
  readonly #finish = byId('finish', HTMLInputElement);
  readonly #keepHue = byId('keep-hue', HTMLInputElement);
  /** The user's weight files, in order of arrival. */
  readonly #own: File[] = [];

  constructor(session: Session, settings: SettingsStore, histogram: HistogramView) {
    this.#session = session;
    this.#settings = settings;
    this.#histogram = histogram;
    this.#strength.addEventListener('input', () => this.#setStrength(this.#strength.valueAsNumber / 100));
    this.#strength.addEventListener('dblclick', () => this.#setStrength(1));
    this.#model.addEventListener('change', () => {
      const model = this.#models[this.#model.selectedIndex];
      if (model) this.#change({ model });
    });
    this.#finish.addEventListener('change', () => this.#change({ finish: this.#finish.checked }));
    this.#keepHue.addEventListener('change', () => this.#change({ keepHue: this.#keepHue.checked }));
    this.#attachOwn();
    this.#attachOptions();
  }

  render(): void {
    const { selected, recipe } = this.#session;
    this.#renderModels(recipe.model);
    this.#finish.checked = recipe.finish;
    this.#keepHue.checked = recipe.keepHue;
    const strength = selected?.strength ?? 1;
    this.#strength.disabled = !selected?.enhanced;
    this.#strength.value = String(Math.round(strength * 100));
    this.#strength.style.setProperty('--value', `${Math.round(strength * 100)}%`);
    setText('strength-value', percent(strength));
    this.#histogram.render(strength);
  }

  /** Adds a user's weight file and enhances with it. */
  useOwn(file: File): void {
    this.#own.push(file);
    this.#change({ model: file });
  }

  get #models(): readonly Model[] {
    return [...MODEL_NAMES, ...this.#own];
  }

  #renderModels(chosen: Model): void {
    const names = this.#models.map((model) =>
      typeof model === 'string' ? text(`model.${model}`) : model.name,
    );
    const shown = [...this.#model.options].map((option) => option.text);
    if (names.join('\n') !== shown.join('\n'))
      this.#model.replaceChildren(...names.map((name, at) => new Option(name, String(at))));
    for (const [at, model] of this.#models.entries()) {
      const option = this.#model.options[at];
      if (option && typeof model === 'string') option.value = model;
    }
    this.#model.selectedIndex = this.#models.indexOf(chosen);
  }

  #setStrength(strength: number): void {
    const { selected } = this.#session;
    if (selected) this.#session.setStrength(selected, strength);
  }

  /** The user's weights last for this visit: a page cannot reopen a file by itself. */
  #change(change: Partial<Recipe>): void {
    const recipe = { ...this.#session.recipe, ...change };
    const { model, finish, keepHue } = recipe;
    this.#settings.change({ finish, keepHue, ...(typeof model === 'string' && { model }) });
    this.#session.setRecipe(recipe);
  }

  #attachOwn(): void {
    const input = byId('own-file', HTMLInputElement);
    byId('own', HTMLButtonElement).addEventListener('click', () => input.click());
    input.addEventListener('change', () => {
      const [file] = input.files ?? [];
      if (file) this.useOwn(file);
      input.value = '';
    });
  }

  /** In narrow windows, rarely used options are collapsed. */
  #attachOptions(): void {
    const button = byId('options', HTMLButtonElement);
    button.addEventListener('click', () => {
      const isOpen = byId('more', HTMLElement).classList.toggle('open');
      button.setAttribute('aria-expanded', String(isOpen));
    });
  }
}
