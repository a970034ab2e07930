/**
 * Metadata in GIF files. Pure: works in browser and Node.
 *
 * Source: XMP specification part 3, 1.1.2 (an application extension that is not cut into blocks).
 */
import { copyOf, latin1 } from './bytes';
import type { Metadata } from './metadata';

const XMP_EXTENSION = '!\xff\x0bXMP DataXMP';
/** Behind the packet: all bytes from here down, so that readers of blocks find their way out. */
const XMP_END = '\x01\xff\xfe\xfd';

export function findInGif(file: Uint8Array): Metadata {
  const text = latin1(file);
  const start = text.indexOf(XMP_EXTENSION);
  const end = start < 0 ? -1 : text.indexOf(XMP_END, start);
  return end < 0 ? {} : { xmp: copyOf(file, start + XMP_EXTENSION.length, end) };
}
