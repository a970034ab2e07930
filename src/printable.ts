/**
 * Text for a terminal or a log in which nothing acts: control characters and marks that turn the direction of writing,
 * as names of files may have, are shown by their code point. Line feeds stay.
 */
export const printable = (text: string): string =>
  text.replace(/(?!\n)[\p{Cc}\p{Bidi_Control}]/gu, (character) => {
    const code = character.codePointAt(0)!.toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`;
  });
