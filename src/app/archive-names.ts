/** What some system reads as a path, a stream, a pattern or a control sequence. */
const UNSAFE = /[\p{Cc}\p{Bidi_Control}/\\:*?"<>|]/gu;

/** Devices of Windows, whatever the ending. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i;

/**
 * Names of files as they can be unpacked on any system: no folders, nothing reserved, and all different, also where
 * upper and lower case are the same, by a number before the extension.
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

/** As file systems compare names that take case, or the ways to write an accent, for the same. */
const folded = (name: string): string => name.normalize('NFC').toUpperCase().toLowerCase();

function safeName(name: string): string {
  const safe = name
    .replace(UNSAFE, '_')
    .replace(RESERVED, '_$1')
    // Windows drops these.
    .replace(/[. ]+$/, '')
    .trimStart();
  return safe || 'file';
}
