/** Characters that some system treats as path, stream, pattern or control. */
const UNSAFE = /[\p{Cc}\p{Bidi_Control}/\\:*?"<>|]/gu;

/** Device names in Windows, with any extension. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i;

/**
 * File names that can be unpacked on any system: without folders and reserved names, and all different even where
 * case is ignored, by a number before the extension.
 */
export function archiveNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map(safeName).map((name) => {
    const dot = name.lastIndexOf('.') > 0 ? name.lastIndexOf('.') : name.length;
    let unique = name;
    for (let n = 2; taken.has(folded(unique)); n++) unique = `${name.slice(0, dot)} (${n})${name.slice(dot)}`;
    taken.add(folded(unique));
    return unique;
  });
}

/** Folds names that file systems may treat as equal: other case, or other encodings of an accent. */
const folded = (name: string): string => name.normalize('NFC').toUpperCase().toLowerCase();

function safeName(name: string): string {
  const safe = name
    .replace(UNSAFE, '_')
    .replace(RESERVED, '_$1')
    // Windows drops trailing dots and spaces.
    .replace(/[. ]+$/, '')
    .trimStart();
  return safe || 'file';
}
