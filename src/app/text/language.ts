import { en, type TextKey, type Texts } from './en';

interface LanguageTraits {
  /** In the language itself. */
  readonly name: string;
  readonly direction: 'ltr' | 'rtl';
  load(): Promise<Texts>;
}

export const LANGUAGES = {
  en: { name: 'English', direction: 'ltr', load: async () => en },
  de: { name: 'Deutsch', direction: 'ltr', load: async () => (await import('./de')).de },
  ja: { name: '日本語', direction: 'ltr', load: async () => (await import('./ja')).ja },
} as const satisfies Record<string, LanguageTraits>;

export type Language = keyof typeof LANGUAGES;

export const LANGUAGE_CODES = Object.keys(LANGUAGES) as readonly Language[];

let language: Language = 'en';
let texts: Texts = en;

export const currentLanguage = (): Language => language;

export const isLanguage = (value: unknown): value is Language =>
  typeof value === 'string' && value in LANGUAGES;

/** The first preference that is available: `de-AT` gives German. English if there is none. */
export function preferredLanguage(wishes: readonly string[]): Language {
  const codes = wishes.map((wish) => wish.toLowerCase().split('-')[0]);
  return codes.find(isLanguage) ?? 'en';
}

/** A text in the page's language, with values for its placeholders. */
export function text(key: TextKey, values: Readonly<Record<string, string | number>> = {}): string {
  return texts[key].replaceAll(/\{(\w+)\}/g, (_, name: string) => String(values[name]));
}

/** Switches the language of the markup and of `text`. */
export async function setLanguage(next: Language): Promise<void> {
  texts = await LANGUAGES[next].load();
  language = next;
  document.documentElement.lang = next;
  document.documentElement.dir = LANGUAGES[next].direction;
  fillTexts(document);
}

/** Attributes in the markup that name a text, and how to set it. */
const PLACES: readonly (readonly [attribute: string, write: (element: Element, value: string) => void])[] = [
  ['data-text', (element, value) => element.replaceChildren(value)],
  ['data-label', (element, value) => element.setAttribute('aria-label', value)],
  ['data-tip', (element, value) => element.setAttribute('title', value)],
  ['data-content', (element, value) => element.setAttribute('content', value)],
];

function fillTexts(root: ParentNode): void {
  for (const [attribute, write] of PLACES) {
    for (const element of root.querySelectorAll(`[${attribute}]`))
      write(element, text(element.getAttribute(attribute) as TextKey));
  }
}

export const percent = (fraction: number): string =>
  new Intl.NumberFormat(language, { style: 'percent' }).format(fraction);

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

/** `1.4 MB`, in the language's notation. */
export function fileSize(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: UNITS[power]!,
    unitDisplay: power === 0 ? 'long' : 'short',
    maximumSignificantDigits: 3,
  }).format(bytes / 1000 ** power);
}

/** `0:07`, `12:30`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/** The day of a moment in ISO 8601, as the language writes it. */
export const day = (moment: string): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(new Date(moment));
