import { en, type TextKey } from './en';

/** Attributes by which the script finds a text again. */
const MARKS: Readonly<Record<string, string>> = {
  'aria-label': 'data-label',
  title: 'data-tip',
  content: 'data-content',
};

/**
 * Puts the English texts into the markup at build time: `<p>{{key}}</p>` becomes `<p data-text="key">Text</p>`;
 * attributes likewise.
 *
 * @throws Error for an unknown text, or one in an unsupported place.
 */
export function fillMarkup(html: string): string {
  const find = (key: string): string => {
    if (!(key in en)) throw new Error(`The markup asks for the text "${key}", which en.ts does not have.`);
    return en[key as TextKey].replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
  };
  const filled = html
    .replaceAll(/\b(aria-label|title|content)="\{\{([^}]+)\}\}"/g, (_, attribute: string, key: string) => {
      return `${MARKS[attribute]}="${key}" ${attribute}="${find(key)}"`;
    })
    .replaceAll(/>\s*\{\{([^}]+)\}\}\s*(?=<\/)/g, (_, key: string) => ` data-text="${key}">${find(key)}`);
  const [left] = /.*\{\{.*/.exec(filled) ?? [];
  if (left) throw new Error(`A text must be all that an element or attribute has: ${left.trim()}`);
  return filled;
}
