/**
 * Metadata in GIF files. Works on bytes, in browsers and Node.
 *
 * Source: XMP specification part 3, 1.1.2 (an application extension without sub-blocks).
 */
import { copyOf, latin1 } from './bytes';
import type { Metadata } from './metadata';

const XMP_EXTENSION = '!\xff\x0bXMP DataXMP';
/** Follows the packet: all bytes in descending order, so that readers of sub-blocks find the end. */
const XMP_END = '\x01\xff\xfe\xfd';

export function findInGif(file: Uint8Array): Metadata {
  const text = latin1(file);
  const start = text.indexOf(XMP_EXTENSION);
  const end = start < 0 ? -1 : text.indexOf(XMP_END, start);
  return end < 0 ? {} : { xmp: copyOf(file, start + XMP_EXTENSION.length, end) };
}
