import { createRequire } from 'node:module';
import type * as Library from 'sharp';
import type { Sharp, SharpInput, SharpOptions } from 'sharp';
import { InputError } from './errors';

let library: typeof Library.default | undefined;

/** The optional package sharp, loaded when a photo is first read or written. */
export function loadSharp(): typeof Library.default {
  if (library) return library;
  try {
    library = createRequire(import.meta.url)('sharp') as typeof Library.default;
    return library;
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND';
    throw new InputError(
      isMissing
        ? 'The package sharp, which reads and writes photos in Node, is not installed. Run: npm install sharp'
        : `The package sharp, which reads and writes photos in Node, does not load. Install it anew: npm install sharp`,
      { cause, code: 'missing-package' },
    );
  }
}

/** The package's `sharp`. @throws {InputError} when it is not installed. */
export const sharp = (input?: SharpInput, options?: SharpOptions): Sharp => loadSharp()(input, options);
