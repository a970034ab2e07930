import { ascii, concatBytes, viewOf } from '../../src/photo/bytes';

/** TIFF files made from numbers: one strip, uncompressed. For tests only. */

export type Value = { readonly type: 1 | 2 | 3 | 4 | 7; readonly values: readonly number[] | Uint8Array };

export interface TiffDescription {
  readonly width: number;
  readonly height: number;
  readonly samples: number;
  readonly bits: number;
  /** 1 unsigned, 2 signed, 3 floating. */
  readonly format?: number;
  readonly photometric?: number;
  readonly little?: boolean;
  readonly big?: boolean;
  readonly extra?: Readonly<Record<number, Value>>;
  /** Samples in turn. */
  readonly data: readonly number[];
}

const SIZES = { 1: 1, 2: 1, 3: 2, 4: 4, 7: 1 } as const;

export function tiffFile(description: TiffDescription): Buffer {
  const { width, height, samples, bits, format = 1, photometric = 2 } = description;
  const { little = true, big = false, extra = {}, data } = description;
  const put = (buffer: Buffer, value: number, at: number, bytes: number) => {
    if (bytes === 8) {
      if (little) buffer.writeBigUInt64LE(BigInt(value), at);
      else buffer.writeBigUInt64BE(BigInt(value), at);
    } else if (little) buffer.writeUIntLE(value, at, bytes);
    else buffer.writeUIntBE(value, at, bytes);
  };
  const pixels = Buffer.concat(
    data.map((value) => {
      const sample = Buffer.alloc(bits / 8);
      if (format === 3 && little) sample.writeFloatLE(value);
      else if (format === 3) sample.writeFloatBE(value);
      else put(sample, value < 0 ? value + 2 ** bits : value, 0, bits / 8);
      return sample;
    }),
  );
  const shorts = (...values: number[]): Value => ({ type: 3, values });
  const tags: Record<number, Value> = {
    256: shorts(width),
    257: shorts(height),
    258: shorts(...Array<number>(samples).fill(bits)),
    259: shorts(1),
    262: shorts(photometric),
    273: { type: 4, values: [0] },
    277: shorts(samples),
    278: shorts(height),
    279: { type: 4, values: [pixels.length] },
    339: shorts(...Array<number>(samples).fill(format)),
    ...extra,
  };
  const [header, count, entry, inline] = big ? [16, 8, 20, 8] : [8, 2, 12, 4];
  const numbers = Object.keys(tags)
    .map(Number)
    .sort((a, b) => a - b);
  const table = Buffer.alloc(count + entry * numbers.length + inline);
  put(table, numbers.length, 0, count);
  const behind: Buffer[] = [];
  let next = header + table.length;
  numbers.forEach((tag, i) => {
    const { type, values } = tags[tag]!;
    const size = SIZES[type];
    const at = count + entry * i;
    const value = Buffer.alloc(Math.max(size * values.length, inline));
    values.forEach((number, k) => {
      put(value, number, size * k, size);
    });
    put(table, tag, at, 2);
    put(table, type, at + 2, 2);
    put(table, values.length, at + 4, inline);
    if (size * values.length <= inline) value.copy(table, at + entry - inline, 0, inline);
    else {
      put(table, next, at + entry - inline, inline);
      const padded = Buffer.concat([value, Buffer.alloc(value.length & 1)]);
      behind.push(padded);
      next += padded.length;
    }
  });
  const strip = count + entry * numbers.indexOf(273) + entry - inline;
  put(table, next, strip, 4);
  const start = Buffer.alloc(header);
  start.write(little ? 'II' : 'MM', 'latin1');
  put(start, big ? 43 : 42, 2, 2);
  if (big) put(start, 8, 4, 2);
  put(start, header, big ? 8 : 4, inline);
  return Buffer.concat([start, table, ...behind, pixels]);
}

/** A grey RGB picture of 24 x 16 pixels, with further tags. */
export const smallTiff = (extra: Readonly<Record<number, Value>>, little = true) =>
  tiffFile({
    width: 24,
    height: 16,
    samples: 3,
    bits: 8,
    little,
    data: Array<number>(3 * 24 * 16).fill(50),
    extra,
  });

/** A little-endian EXIF block of consecutive directories. */
export function exifBlock(
  directories: readonly (readonly (readonly [tag: number, type: number, count: number, value: number])[])[],
  behind: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const lengths = directories.map((entries) => 2 + 12 * entries.length + 4);
  const block = new Uint8Array(8 + lengths.reduce((sum, length) => sum + length, 0));
  const data = viewOf(block);
  block.set(ascii('II*\0\x08\0\0\0'));
  let at = 8;
  for (const entries of directories) {
    data.setUint16(at, entries.length, true);
    entries.forEach(([tag, type, count, value], i) => {
      const place = at + 2 + 12 * i;
      data.setUint16(place, tag, true);
      data.setUint16(place + 2, type, true);
      data.setUint32(place + 4, count, true);
      data.setUint32(place + 8, value, true);
    });
    at += 2 + 12 * entries.length + 4;
  }
  return concatBytes(block, behind);
}
