import { DEFAULT_MODEL, MODEL_NAMES, type ModelName } from './models';
import type { OutputType } from './protocol';
import { isLanguage, type Language } from './text/language';

/** A visitor's choices, stored for the next visit. */
export interface Settings {
  /** Null: the browser's preference. */
  readonly language: Language | null;
  readonly model: ModelName;
  readonly finish: boolean;
  readonly keepHue: boolean;
  /** Null: the photo's own. */
  readonly type: OutputType | null;
  /** 0..1 */
  readonly quality: number;
  readonly isSideBySide: boolean;
}

export const DEFAULT_SETTINGS: Settings = {
  language: null,
  model: DEFAULT_MODEL,
  finish: false,
  keepHue: false,
  type: null,
  quality: 0.92,
  isSideBySide: false,
};

export const OUTPUT_TYPES: readonly OutputType[] = ['image/jpeg', 'image/png', 'image/webp'];

/** Storage belongs to an origin, which may host other pages. */
const KEY = 'glocal settings';

/** The part of `Storage` used here. */
export interface Store {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

/** Settings in the browser's storage. Without storage, as in some private windows, they last for this visit. */
export class SettingsStore {
  readonly #store: Store | null;
  #settings: Settings;

  constructor(store: Store | null) {
    this.#store = store;
    this.#settings = readSettings(store);
  }

  get settings(): Settings {
    return this.#settings;
  }

  change(change: Partial<Settings>): void {
    this.#settings = { ...this.#settings, ...change };
    try {
      this.#store?.setItem(KEY, JSON.stringify(this.#settings));
    } catch {
      // The disk is full or storage is disabled: settings last for this visit.
    }
  }
}

/** Browsers with storage disabled throw on access. */
export function browserStore(): Store | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

/** Reads each setting separately, so that an invalid one falls back alone. */
function readSettings(store: Store | null): Settings {
  const kept = readRecord(store);
  const take = <K extends keyof Settings>(key: K, isValid: (value: unknown) => boolean): Settings[K] =>
    isValid(kept[key]) ? (kept[key] as Settings[K]) : DEFAULT_SETTINGS[key];
  const isBoolean = (value: unknown) => typeof value === 'boolean';
  return {
    language: take('language', isLanguage),
    model: take('model', (value) => MODEL_NAMES.some((name) => name === value)),
    finish: take('finish', isBoolean),
    keepHue: take('keepHue', isBoolean),
    type: take('type', (value) => OUTPUT_TYPES.some((type) => type === value)),
    quality: take('quality', (value) => typeof value === 'number' && value >= 0 && value <= 1),
    isSideBySide: take('isSideBySide', isBoolean),
  };
}

function readRecord(store: Store | null): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(store?.getItem(KEY) ?? '');
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}
