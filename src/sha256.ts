/** Fractional parts of the square roots of the first 8 primes and the cube roots of the first 64: 32 bits each. */
const PRIMES = Array.from({ length: 312 }, (_, n) => n).filter(
  (n) => n > 1 && !Array.from({ length: n }, (_, d) => d).some((d) => d > 1 && n % d === 0),
);
const fraction = (value: number): number => ((value - Math.floor(value)) * 2 ** 32) | 0;
const START = PRIMES.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
const ROUND = Int32Array.from(PRIMES.slice(0, 64), (prime) => fraction(Math.cbrt(prime)));

const BLOCK = 64;

/**
 * The SHA-256 of bytes, possibly in parts, in hexadecimal. Source: FIPS 180-4, section 6.2. For synchronous code in
 * browsers and Node; `crypto.subtle` is asynchronous.
 */
export function sha256(...parts: readonly Uint8Array[]): string {
  const state = Int32Array.from(START);
  const schedule = new Int32Array(64);
  const block = new Uint8Array(BLOCK);
  let length = 0;
  let filled = 0;
  for (const part of parts) {
    length += part.length;
    let at = 0;
    while (at < part.length) {
      if (filled === 0 && part.length - at >= BLOCK) {
        compress(state, schedule, part, at);
        at += BLOCK;
        continue;
      }
      const count = Math.min(BLOCK - filled, part.length - at);
      block.set(part.subarray(at, at + count), filled);
      at += count;
      filled += count;
      if (filled === BLOCK) compress(state, schedule, block, 0);
      filled %= BLOCK;
    }
  }
  block.fill(0, filled);
  block[filled] = 0x80;
  if (filled + 9 > BLOCK) {
    compress(state, schedule, block, 0);
    block.fill(0);
  }
  new DataView(block.buffer).setBigUint64(BLOCK - 8, 8n * BigInt(length));
  compress(state, schedule, block, 0);
  return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}

const rotate = (value: number, by: number): number => (value >>> by) | (value << (32 - by));

function compress(state: Int32Array, w: Int32Array, bytes: Uint8Array, at: number): void {
  for (let t = 0; t < 16; t++) {
    const i = at + 4 * t;
    w[t] = (bytes[i]! << 24) | (bytes[i + 1]! << 16) | (bytes[i + 2]! << 8) | bytes[i + 3]!;
  }
  for (let t = 16; t < 64; t++) {
    const [x, y] = [w[t - 15]!, w[t - 2]!];
    const s0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3);
    const s1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10);
    w[t] = w[t - 16]! + s0 + w[t - 7]! + s1;
  }
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let e = state[4]!;
  let f = state[5]!;
  let g = state[6]!;
  let h = state[7]!;
  for (let t = 0; t < 64; t++) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const first = (h + s1 + ((e & f) ^ (~e & g)) + ROUND[t]! + w[t]!) | 0;
    const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const second = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  state[0]! += a;
  state[1]! += b;
  state[2]! += c;
  state[3]! += d;
  state[4]! += e;
  state[5]! += f;
  state[6]! += g;
  state[7]! += h;
}
