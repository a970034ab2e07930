/**
 * Makes text safe for terminals and logs: control characters and direction marks, as in file names, are shown as code
 * points. Line feeds are kept.
 */
export const printable = (text: string): string =>
  text.replace(/(?!\n)[\p{Cc}\p{Bidi_Control}]/gu, (character) => {
    const code = character.codePointAt(0)!.toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`;
  });

/** Like `printable`, on one line: a name may contain line feeds, and must not look like a line of a report. */
export const printableLine = (text: string): string => printable(text).replaceAll('\n', '\\n');
