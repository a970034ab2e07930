import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from 'vite';
import { describe, expect, it } from 'vitest';
import { de } from '../../src/app/text/de';
import { en, type TextKey } from '../../src/app/text/en';
import { fillMarkup } from '../../src/app/text/fill-markup';
import { ja } from '../../src/app/text/ja';
import { clock, fileSize, percent, preferredLanguage, text } from '../../src/app/text/language';

const APP = 'src/app';
const PAGES = ['index.html', 'live.html', 'bench.html', 'train.html'];
const KEYS = Object.keys(en) as TextKey[];

/** The pages' own modules. */
const modules = readdirSync(APP, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.startsWith('text'),
);
const codeOf = (file: string) => readFileSync(join(APP, file), 'utf8');
const placeholders = (value: string) => [...value.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();

/** Prose among a module's strings: words separated by a space, or a word starting a sentence. */
function prose(code: string): string[] {
  const found: string[] = [];
  const visit = (node: unknown, isError: boolean): void => {
    if (Array.isArray(node)) for (const child of node) visit(child, isError);
    if (typeof node !== 'object' || node === null || Array.isArray(node)) return;
    const { type, value, callee, key } = node as {
      type?: string;
      value?: unknown;
      callee?: { name?: string };
      key?: { name?: string };
    };
    // Internal errors are for developers; a `detail` is the failing part's own message. The library's log and messages,
    // which have these names in them, are in English.
    const isInLibrary = type === 'Property' && ['runtime', 'modelName'].includes(key?.name ?? '');
    const isForMakers =
      isError || isInLibrary || (type === 'NewExpression' && /Error$/.test(callee?.name ?? ''));
    const raw = type === 'TemplateElement' ? (value as { cooked: string }).cooked : value;
    if ((type === 'Literal' || type === 'TemplateElement') && typeof raw === 'string' && !isForMakers) {
      if (/^[A-Z][a-z]+[a-z ,.]* [a-z]+/.test(raw) || /\p{Ll} \p{Ll}+ \p{Ll}/u.test(raw)) found.push(raw);
    }
    for (const child of Object.values(node)) visit(child, isForMakers);
  };
  visit(parseSync('module.ts', code).program, false);
  return found;
}

describe('the texts of the page', () => {
  it.each([
    ['German', de],
    ['Japanese', ja],
  ])('stand in %s, every one, with the same places to fill in', (_, texts) => {
    expect(Object.keys(texts).sort()).toEqual([...KEYS].sort());
    for (const key of KEYS) {
      expect(texts[key].trim(), key).not.toBe('');
      expect(placeholders(texts[key]), key).toEqual(placeholders(en[key]));
    }
    // Names of formats and the like are the same everywhere; sentences are not.
    const same = KEYS.filter((key) => texts[key] === en[key] && /\p{L} \p{L}/u.test(en[key]));
    expect(same).toEqual([]);
  });

  it('are all used, and none is written in code or markup', () => {
    const code = modules.map(codeOf).join('\n');
    const markup = PAGES.map(codeOf).join('\n');
    const families = ['problem.', 'train.', 'model.', 'strip.', 'save.saved-many.'];
    const isUsed = (key: string) =>
      code.includes(`'${key}'`) ||
      markup.includes(`{{${key}}}`) ||
      families.some((family) => key.startsWith(family) && code.includes(`\`${family}$`));
    expect(KEYS.filter((key) => !isUsed(key))).toEqual([]);
    expect(modules.flatMap((file) => prose(codeOf(file)).map((found) => `${file}: ${found}`))).toEqual([]);
    for (const page of PAGES) {
      const words = codeOf(page)
        .replaceAll(/<!--.*?-->|<[^>]*>|\{\{[^}]*\}\}/gs, ' ')
        .match(/\p{L}+/gu);
      expect([...new Set(words)]).toEqual(['glocal']);
      const said = [...codeOf(page).matchAll(/(?:aria-label|title|alt|placeholder)="([^"{]+)"/g)];
      expect(said.map(([whole]) => whole)).toEqual([]);
    }
  });

  it('the search for untranslated prose finds some', () => {
    expect(prose("say('Your photo was saved');")).toEqual(['Your photo was saved']);
    expect(prose("throw new Error('Your photo was lost');")).toEqual([]);
  });

  it('are filled into the markup at build time; unknown keys are refused', () => {
    expect(fillMarkup('<h1 id="a">{{landing.title}}</h1>')).toBe(
      `<h1 id="a" data-text="landing.title">${en['landing.title']}</h1>`,
    );
    expect(fillMarkup('<i title="{{save.copy}}"></i>')).toBe('<i data-tip="save.copy" title="Copy"></i>');
    expect(() => fillMarkup('<h1>{{no.such}}</h1>')).toThrow('no.such');
    expect(() => fillMarkup('<h1>Say {{save.copy}}</h1>')).toThrow('Say');
  });

  it('are in the language that the browser prefers, if available', () => {
    expect(preferredLanguage(['ja-JP', 'en'])).toBe('ja');
    expect(preferredLanguage(['fr', 'DE-at', 'en'])).toBe('de');
    expect(preferredLanguage(['fr'])).toBe('en');
    expect(preferredLanguage([])).toBe('en');
  });

  it('format numbers for their language', () => {
    expect(text('wait.left', { percent: percent(0.345), time: clock(75.4) })).toBe('35%, 1:15 left');
    expect(fileSize(999)).toBe('999 bytes');
    expect(fileSize(1_234_567)).toBe('1.23 MB');
  });
});
