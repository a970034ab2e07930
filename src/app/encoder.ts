import type { Engine } from './engine';
import { type Encoding, ProblemError } from './protocol';
import type { Photo } from './session';

const EXTENSIONS: Record<string, string> = { 'image/jpeg': 'jpg', 'image/png': 'png', 'image/webp': 'webp' };

/** Encodes enhanced photos at their strength. Keeps the last file, because its size is shown before it is saved. */
export class Encoder {
  readonly #engine: Engine;
  #last: { readonly asked: readonly unknown[]; readonly file: Promise<Blob> } | null = null;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** @throws ProblemError when there is nothing to encode yet, or encoding fails. */
  encode({ file, enhanced, strength }: Photo, encoding: Encoding): Promise<Blob> {
    if (!enhanced) throw new ProblemError({ kind: 'internal', detail: 'A photo was saved too early.' });
    const asked = [file, enhanced, strength, encoding.type, encoding.quality];
    if (this.#last?.asked.every((value, at) => value === asked[at])) return this.#last.file;
    const made = this.#engine.call('save', { file, enhanced, strength, encoding });
    const last = { asked, file: made };
    this.#last = last;
    // A failed encoding may succeed when requested again.
    made.catch(() => {
      if (this.#last === last) this.#last = null;
    });
    return made;
  }
}

/** Default name of a result: `beach-enhanced` for `beach.jpeg`. */
export const defaultName = (file: File): string => `${file.name.replace(/\.[^.]+$/, '') || 'photo'}-enhanced`;

/** The file name for saving, with the extension of its type. */
export const outputName = ({ file, name }: Photo, type: string): string =>
  `${name ?? defaultName(file)}.${EXTENSIONS[type] ?? 'png'}`;

export const extensionOf = (type: string): string => EXTENSIONS[type] ?? 'png';
