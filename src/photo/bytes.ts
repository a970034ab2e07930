/** Helpers for files held as bytes. */

export const ascii = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));

export const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export const startsWith = (bytes: Uint8Array, prefix: Uint8Array, at = 0): boolean =>
  prefix.every((value, i) => bytes[at + i] === value);

/**
 * A copy that shares no memory with the original. `slice` would not do: Node's `Buffer`, which is a Uint8Array too,
 * returns a view, and writing to it would change the caller's bytes.
 */
export const copyOf = (bytes: Uint8Array, from = 0, to = bytes.length): Uint8Array<ArrayBuffer> =>
  new Uint8Array(bytes.subarray(from, to));

/** One character per byte. */
export function latin1(bytes: Uint8Array, from = 0, to = bytes.length): string {
  const STEP = 0x2000;
  let text = '';
  for (let at = from; at < to; at += STEP)
    text += String.fromCharCode(...bytes.subarray(at, Math.min(at + STEP, to)));
  return text;
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** The checksum that PNG and ZIP share (ISO 3309, reflected polynomial 0xEDB88320). */
export function crc32(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) value = CRC_TABLE[(value ^ bytes[i]!) & 0xff]! ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}

/** In zlib format, as PNG requires. */
export async function deflate(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([copyOf(bytes)]).stream().pipeThrough(new CompressionStream('deflate'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** The most bytes that metadata may unpack to; more is an attack. */
const MOST_INFLATED = 64 * 2 ** 20;

/** Reverses `deflate`. Null for invalid zlib data, and for data that unpacks to too much. */
export async function inflate(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer> | null> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const isWhole = await unpack(bytes, (part) => {
    parts.push(part);
    length += part.length;
    return length <= MOST_INFLATED;
  });
  return isWhole ? concatBytes(...parts) : null;
}

/** Whether the bytes are a complete zlib stream. The unpacked data is discarded. */
export const inflatesWhole = (bytes: Uint8Array): Promise<boolean> => unpack(bytes, () => true);

/** Passes unpacked data to `take` until that returns false. Returns whether the stream was complete. */
async function unpack(bytes: Uint8Array, take: (part: Uint8Array) => boolean): Promise<boolean> {
  const stream = new Blob([copyOf(bytes)]).stream().pipeThrough(new DecompressionStream('deflate'));
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return true;
      if (take(value)) continue;
      await reader.cancel();
      return false;
    }
  } catch {
    return false;
  }
}
