import type { SettingsStore } from '../settings';
import {
  currentLanguage,
  isLanguage,
  LANGUAGE_CODES,
  LANGUAGES,
  preferredLanguage,
  setLanguage,
} from '../text/language';
import { byId } from './dom';

/** Uses the visitor's language, or else the browser's, and offers the choice. */
export async function startLanguage(settings: SettingsStore, onChange: () => void): Promise<void> {
  const select = byId('language', HTMLSelectElement);
  select.append(...LANGUAGE_CODES.map((code) => new Option(LANGUAGES[code].name, code)));
  for (const option of select.options) option.lang = option.value;
  const speak = async (language: typeof settings.settings.language) => {
    await setLanguage(language ?? preferredLanguage(navigator.languages));
    select.value = currentLanguage();
    byId('language-name', HTMLElement).textContent = currentLanguage().toUpperCase();
    onChange();
  };
  select.addEventListener('change', () => {
    if (!isLanguage(select.value)) return;
    settings.change({ language: select.value });
    void speak(select.value);
  });
  await speak(settings.settings.language);
}
