/**
 * Edits XMP packets as text, since workers have no XML parser, resolving names by the packet's own namespace
 * declarations. Works on bytes, in browsers and Node.
 *
 * Sources: XMP specification parts 1 and 3; Motion Photo format 1.0 and its predecessor Micro Video; Ultra HDR image
 * format 1.1 and Adobe's gain map specification; Dynamic Depth 1.0.
 */
import { ascii, latin1 } from './bytes';

/** Data outside the packet that a packet may announce. */
export type Announced = 'a video' | 'a gain map' | 'a depth map';

interface Announcement {
  readonly namespace: RegExp;
  /** Local names of properties. */
  readonly names: string;
  readonly what: Announced;
}

const ANNOUNCEMENTS: readonly Announcement[] = [
  { namespace: /^http:\/\/ns\.adobe\.com\/hdr-gain-map\//, names: '[\\w-]+', what: 'a gain map' },
  { namespace: /^http:\/\/ns\.apple\.com\/HDRGainMap\//, names: '[\\w-]+', what: 'a gain map' },
  { namespace: /\/camera\/$/, names: '(?:MotionPhoto|MicroVideo)\\w*', what: 'a video' },
  { namespace: /^http:\/\/ns\.google\.com\/photos\/dd\//, names: 'Container', what: 'a depth map' },
];

/** Google's list of the items after the primary picture of a file. */
const DIRECTORY = { namespace: /^http:\/\/ns\.google\.com\/photos\/1\.0\/container\/$/, names: 'Directory' };
const DIRECTORY_ITEMS: readonly (readonly [RegExp, Announced])[] = [
  [/Semantic\s*(?:=\s*["']|>\s*)GainMap/, 'a gain map'],
  [/Semantic\s*(?:=\s*["']|>\s*)MotionPhoto/, 'a video'],
  [/Semantic\s*(?:=\s*["']|>\s*)Depth/i, 'a depth map'],
];

const EXTENDED = { namespace: /^http:\/\/ns\.adobe\.com\/xmp\/note\/$/, names: 'HasExtendedXMP' };

/**
 * The XMP packet with its orientation, if any, set to upright. The packet keeps its length, which its padding and
 * in-place editors rely on.
 */
export function uprightXmp(packet: Uint8Array): Uint8Array {
  const upright = new Uint8Array(packet);
  for (const match of latin1(packet).matchAll(/(tiff:Orientation\s*(?:=\s*["']|>\s*))[1-8]/g)) {
    upright[match.index + match[1]!.length] = 0x31;
  }
  return upright;
}

/** The packet without announcements of content that a new picture lacks, and the list of those removed. */
export function withoutAnnouncements(packet: Uint8Array): {
  readonly xmp: Uint8Array;
  readonly announced: ReadonlySet<Announced>;
} {
  let text = latin1(packet);
  const announced = new Set<Announced>();
  for (const { namespace, names, what } of ANNOUNCEMENTS) {
    const rest = withoutProperties(text, namespace, names);
    if (rest !== text) announced.add(what);
    text = rest;
  }
  const rest = withoutProperties(text, DIRECTORY.namespace, DIRECTORY.names);
  if (rest !== text) {
    for (const [item, what] of DIRECTORY_ITEMS) if (item.test(text)) announced.add(what);
  }
  return { xmp: rest === latin1(packet) ? packet : ascii(rest), announced };
}

/** The MD5 sum, as 32 digits, of a JPEG's second packet; undefined if there is none. */
export function extendedXmpName(packet: Uint8Array): string | undefined {
  return /HasExtendedXMP\s*(?:=\s*["']|>\s*)([0-9A-Fa-f]{32})/.exec(latin1(packet))?.[1];
}

export function withoutExtendedXmp(packet: Uint8Array): Uint8Array {
  return ascii(withoutProperties(latin1(packet), EXTENDED.namespace, EXTENDED.names));
}

/**
 * Merges the two packets of a JPEG into one: only JPEG has to split XMP. Undefined if they cannot be merged without a
 * parser.
 */
export function mergeXmp(packet: Uint8Array, extended: Uint8Array): Uint8Array | undefined {
  const [first, second] = [latin1(withoutExtendedXmp(packet)), latin1(extended)];
  const [, attributes = '', content] = /<rdf:RDF\b([^>]*)>([\s\S]*)<\/rdf:RDF>/.exec(second) ?? [];
  // Declarations at the root also apply below it, and would be missing elsewhere.
  const declared = [...attributes.matchAll(/xmlns:([\w-]+)/g)].map(([, prefix]) => prefix);
  const end = first.lastIndexOf('</rdf:RDF>');
  if (content === undefined || end < 0 || declared.some((prefix) => prefix !== 'rdf')) return undefined;
  return ascii(first.slice(0, end) + content + first.slice(end));
}

/** Removes the attributes and elements with these names in a namespace. */
function withoutProperties(text: string, namespace: RegExp, names: string): string {
  let rest = text;
  for (const [, prefix, uri] of text.matchAll(/xmlns:([\w.-]+)\s*=\s*["']([^"']*)["']/g)) {
    if (!namespace.test(uri!)) continue;
    const name = `${prefix}:(${names})`;
    rest = rest
      .replace(new RegExp(`\\s${name}\\s*=\\s*(?:"[^"]*"|'[^']*')`, 'g'), '')
      .replace(new RegExp(`<${name}(?=[\\s/>])[^>]*?(?:/>|>[\\s\\S]*?</${prefix}:\\1\\s*>)`, 'g'), '');
  }
  return rest;
}
