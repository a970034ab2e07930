import { readStartSync } from '../../read-file-node';
import type { PhotoFormat } from '../format';
import { readImageHeader } from '../image-header';

const FORMATS: Readonly<Record<string, PhotoFormat>> = {
  'image/jpeg': 'jpeg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/tiff': 'tiff',
};

/** The format of a file by its first bytes, if it can be written. */
export function formatOfFile(path: string): PhotoFormat | undefined {
  try {
    return FORMATS[readImageHeader(readStartSync(path, 64)).type ?? ''];
  } catch {
    // The error is reported when the whole file is read.
    return undefined;
  }
}
