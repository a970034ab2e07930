import type { Enhanced } from './protocol';

interface Kept<Owner> {
  readonly owner: Owner;
  readonly key: string;
  readonly enhanced: Enhanced;
}

/**
 * Caches enhanced photos by photo and recipe, so that comparing networks computes nothing twice. When the pixels
 * exceed `limit` bytes, the least recently used results are dropped, except those on display.
 */
export class Results<Owner> {
  readonly #limit: number;
  readonly #isShown: (owner: Owner, enhanced: Enhanced) => boolean;
  /** Least recently used first. */
  #kept: Kept<Owner>[] = [];

  constructor(limit: number, isShown: (owner: Owner, enhanced: Enhanced) => boolean) {
    this.#limit = limit;
    this.#isShown = isShown;
  }

  get bytes(): number {
    return this.#kept.reduce((sum, { enhanced }) => sum + enhanced.pixels.size, 0);
  }

  get(owner: Owner, key: string): Enhanced | null {
    const found = this.#kept.find((kept) => kept.owner === owner && kept.key === key);
    if (!found) return null;
    this.#kept = [...this.#kept.filter((kept) => kept !== found), found];
    return found.enhanced;
  }

  put(owner: Owner, key: string, enhanced: Enhanced): void {
    this.#kept = this.#kept.filter((kept) => kept.owner !== owner || kept.key !== key);
    this.#kept.push({ owner, key, enhanced });
    while (this.bytes > this.#limit) {
      const at = this.#kept.findIndex(
        (kept) => kept.enhanced !== enhanced && !this.#isShown(kept.owner, kept.enhanced),
      );
      if (at < 0) return;
      this.#kept.splice(at, 1);
    }
  }

  forget(owner: Owner): void {
    this.#kept = this.#kept.filter((kept) => kept.owner !== owner);
  }
}
