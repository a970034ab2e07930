/**
 * Reads ICC profiles that consist of a matrix and curves, as cameras, phones and editors write them (sRGB, Display
 * P3, Adobe RGB, ProPhoto, Rec. 2020, grey gammas). Profiles made of tables are not supported.
 *
 * Source: ICC.1:2022, sections 7 (header, tag table), 8.3 (models), 10.6 curveType, 10.18 parametricCurveType, 10.31
 * XYZType; annex F (evaluation).
 */
import { latin1, viewOf } from './bytes';
import type { Matrix3 } from './matrix3';

/** Encoded value in [0, 1] to linear light. */
export type Curve = (encoded: number) => number;

export interface RgbProfile {
  readonly kind: 'rgb';
  readonly curves: readonly [Curve, Curve, Curve];
  /** Linear values to CIE XYZ relative to D50. */
  readonly toXyz: Matrix3;
}

interface GreyProfile {
  readonly kind: 'grey';
  readonly curve: Curve;
}

export type Profile = RgbProfile | GreyProfile;

const HEADER_BYTES = 128;
const TAG_BYTES = 12;

/** Tags of table-based transforms, which take precedence over the matrix if a profile has both. */
const TABLES = ['A2B0', 'D2B0'];

/**
 * The colour space of the pixels that a profile describes: `RGB `, `GRAY`, `CMYK`. Undefined if the profile is
 * damaged.
 */
export function profileSpace(bytes: Uint8Array): string | undefined {
  if (bytes.length < HEADER_BYTES + 4 || latin1(bytes, 36, 40) !== 'acsp') return undefined;
  return viewOf(bytes).getUint32(0) <= bytes.length ? latin1(bytes, 16, 20) : undefined;
}

/** Undefined if the profile is of another kind or malformed. */
export function parseProfile(bytes: Uint8Array): Profile | undefined {
  try {
    return parse(new IccFile(bytes));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function parse(file: IccFile): Profile | undefined {
  if (file.text(36) !== 'acsp' || file.text(20) !== 'XYZ ') return undefined;
  if (TABLES.some((tag) => file.tags.has(tag))) return undefined;
  const space = file.text(16);
  if (space === 'GRAY') {
    const curve = file.curve('kTRC');
    return curve && { kind: 'grey', curve };
  }
  if (space !== 'RGB ') return undefined;
  const [red, green, blue] = [file.curve('rTRC'), file.curve('gTRC'), file.curve('bTRC')];
  const [r, g, b] = [file.xyz('rXYZ'), file.xyz('gXYZ'), file.xyz('bXYZ')];
  if (!red || !green || !blue || !r || !g || !b) return undefined;
  const toXyz: Matrix3 = [r[0], g[0], b[0], r[1], g[1], b[1], r[2], g[2], b[2]];
  return { kind: 'rgb', curves: [red, green, blue], toXyz };
}

/** Reads beyond the end throw a RangeError, as in a DataView. */
class IccFile {
  readonly #data: DataView;
  /** Offset of each tag's data. */
  readonly tags = new Map<string, number>();

  constructor(bytes: Uint8Array) {
    this.#data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const count = this.#data.getUint32(HEADER_BYTES);
    for (let i = 0; i < count; i++) {
      const at = HEADER_BYTES + 4 + TAG_BYTES * i;
      this.tags.set(this.text(at), this.#data.getUint32(at + 4));
    }
  }

  text(at: number): string {
    return String.fromCharCode(...[0, 1, 2, 3].map((i) => this.#data.getUint8(at + i)));
  }

  xyz(tag: string): readonly [number, number, number] | undefined {
    const at = this.tags.get(tag);
    if (at === undefined || this.text(at) !== 'XYZ ') return undefined;
    return [this.#fixed(at + 8), this.#fixed(at + 12), this.#fixed(at + 16)];
  }

  curve(tag: string): Curve | undefined {
    const at = this.tags.get(tag);
    if (at === undefined) return undefined;
    const type = this.text(at);
    const curve = type === 'curv' ? this.#sampled(at) : type === 'para' ? this.#parametric(at) : undefined;
    return curve && isMonotone(curve) ? curve : undefined;
  }

  /** s15Fixed16Number. */
  #fixed(at: number): number {
    return this.#data.getInt32(at) / 0x10000;
  }

  /** No entries: identity; one: a gamma as u8Fixed8; more: samples, interpolated linearly. */
  #sampled(at: number): Curve {
    const count = this.#data.getUint32(at + 8);
    if (count === 0) return (x) => x;
    if (count === 1) {
      const gamma = this.#data.getUint16(at + 12) / 256;
      return (x) => x ** gamma;
    }
    const samples = Float64Array.from({ length: Math.min(count, 0x10000) }, (_, i) => {
      return this.#data.getUint16(at + 12 + 2 * i) / 0xffff;
    });
    return (x) => {
      const position = x * (samples.length - 1);
      const low = Math.min(Math.floor(position), samples.length - 2);
      return samples[low]! + (position - low) * (samples[low + 1]! - samples[low]!);
    };
  }

  /** Y = (aX + b)^g + c above d, otherwise linear, in the five forms of table 68. */
  #parametric(at: number): Curve | undefined {
    const form = this.#data.getUint16(at + 8);
    const parameters = [1, 3, 4, 5, 7][form];
    if (parameters === undefined) return undefined;
    const [g = 1, a = 1, b = 0, c = 0, d = 0, e = 0, f = 0] = Array.from({ length: parameters }, (_, i) =>
      this.#fixed(at + 12 + 4 * i),
    );
    const power = (x: number) => Math.max(a * x + b, 0) ** g;
    switch (form) {
      case 0:
        return (x) => x ** g;
      case 1:
        return (x) => (a * x + b >= 0 ? power(x) : 0);
      case 2:
        return (x) => (a * x + b >= 0 ? power(x) + c : c);
      case 3:
        return (x) => (x >= d ? power(x) : c * x);
      default:
        return (x) => (x >= d ? power(x) + e : c * x + f);
    }
  }
}

/** A curve that falls, or never rises, cannot be inverted. */
function isMonotone(curve: Curve): boolean {
  let last = curve(0);
  const first = last;
  for (let i = 1; i <= 255; i++) {
    const value = curve(i / 255);
    if (!(value >= last)) return false;
    last = value;
  }
  return last > first;
}
