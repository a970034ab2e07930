/**
 * IPTC data sets in Photoshop image resources, as stored in JPEG (APP13) and TIFF (tag 34377).
 *
 * Source: Adobe Photoshop file formats specification, image resource blocks; IPTC-IIM 4.2.
 */
import { ascii, concatBytes, copyOf, latin1, startsWith, viewOf } from './bytes';

export const PHOTOSHOP_PREFIX = ascii('Photoshop 3.0\0');
const SIGNATURE = ascii('8BIM');
/** From ImageReady, PhotoDeluxe and others, whose numbers have other meanings. */
const OTHER_SIGNATURES = ['MeSa', 'PHUT', 'AgHg', 'DCSR'].map(ascii);
const IPTC = 0x0404;

/** Extracts the IPTC data sets from image resources; undefined if there are none. */
export function iptcFromResources(resources: Uint8Array): Uint8Array | undefined {
  const data = viewOf(resources);
  for (let at = 0; at + 12 <= resources.length; ) {
    const isPhotoshop = startsWith(resources, SIGNATURE, at);
    if (!isPhotoshop && !OTHER_SIGNATURES.some((other) => startsWith(resources, other, at))) return undefined;
    const id = data.getUint16(at + 4);
    // A Pascal string, padded to an even length including its length byte.
    const name = 1 + resources[at + 6]!;
    const sizeAt = at + 6 + name + (name & 1);
    if (sizeAt + 4 > resources.length) return undefined;
    const size = data.getUint32(sizeAt);
    const end = sizeAt + 4 + size;
    if (end > resources.length) return undefined;
    if (isPhotoshop && id === IPTC) return copyOf(resources, sizeAt + 4, end);
    at = end + (size & 1);
  }
  return undefined;
}

export function resourcesWithIptc(iptc: Uint8Array): Uint8Array {
  const header = new Uint8Array(8);
  viewOf(header).setUint16(0, IPTC);
  viewOf(header).setUint32(4, iptc.length);
  return concatBytes(SIGNATURE, header, iptc, new Uint8Array(iptc.length & 1));
}

/**
 * The profile that ImageMagick and ExifTool put into PNG text chunks: a line feed, a name, a length, and the bytes in
 * hexadecimal. Undefined for anything else.
 */
export function fromRawProfile(text: Uint8Array): Uint8Array | undefined {
  const [, digits] = /^\n?[^\n]+\n\s*\d+\s+([0-9A-Fa-f\s]*)$/.exec(latin1(text).replace(/\0+$/, '')) ?? [];
  const hex = digits?.replace(/\s+/g, '');
  if (!hex) return undefined;
  return Uint8Array.from({ length: hex.length >> 1 }, (_, i) =>
    Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16),
  );
}

export function toRawProfile(name: string, bytes: Uint8Array): Uint8Array {
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const lines = digits.match(/.{1,72}/g) ?? [];
  return ascii(`\n${name}\n${String(bytes.length).padStart(8)}\n${lines.join('\n')}\n`);
}
