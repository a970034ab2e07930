import { closeSync, openSync, readSync } from 'node:fs';
import type { PhotoFormat } from '../format';
import { readImageHeader } from '../image-header';

const FORMATS: Readonly<Record<string, PhotoFormat>> = {
  'image/jpeg': 'jpeg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/tiff': 'tiff',
};

/** The format of a file by its first bytes, if it is one that is written. */
export function formatOfFile(path: string): PhotoFormat | undefined {
  const start = new Uint8Array(64);
  try {
    const file = openSync(path, 'r');
    try {
      readSync(file, start);
    } finally {
      closeSync(file);
    }
  } catch {
    // Whoever reads the whole file will say what is wrong with it.
    return undefined;
  }
  return FORMATS[readImageHeader(start).type ?? ''];
}
