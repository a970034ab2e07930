import { hashText } from '../random';

/** Names of the training scenes and of the held-out ones. */
interface Split<T> {
  readonly training: T[];
  readonly validation: T[];
}

/**
 * Holds out about `share` of the scenes by a hash of their names, so that adding or removing others does not move a
 * scene. The folder, the extension and a trailing resolution (`_1k`) are ignored: the same scene in another size must
 * stay on the same side. With two or more scenes each side gets at least one.
 */
export function splitScenes<T extends { readonly name: string }>(
  scenes: readonly T[],
  share = 0.2,
): Split<T> {
  const ranked = scenes.map((scene) => ({ scene, rank: rankOf(scene.name) }));
  const ranks = ranked.map(({ rank }) => rank).sort((a, b) => a - b);
  const lowest = ranks[0] ?? 0;
  const highest = ranks[ranks.length - 1] ?? 0;
  const limit = Math.min(Math.max(share, lowest === highest ? 0 : lowest + Number.EPSILON), highest);
  return {
    training: ranked.filter(({ rank }) => rank >= limit).map(({ scene }) => scene),
    validation: ranked.filter(({ rank }) => rank < limit).map(({ scene }) => scene),
  };
}

/** 0..1 from the part of the name that does not depend on folder, format or size. */
function rankOf(name: string): number {
  const base = name.slice(name.lastIndexOf('/') + 1).replace(/(\.(hdr|pic|exr))?$/i, '');
  return hashText(base.replace(/_\d+k$/i, '').toLowerCase()) / 2 ** 32;
}
