import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WeightsError } from '../../src/errors';
import { decodeSafetensors, encodeSafetensors } from '../../src/model/safetensors';
import type { StateTensor } from '../../src/model/state-dict';

const state = new Map<string, StateTensor>([
  ['b', { shape: [2, 3], data: new Float32Array([1, -2.5, 3, 1e-30, 5, -0]) }],
  ['a', { shape: [2], data: new Float32Array([0.1, 65504]) }],
  ['scalar', { shape: [], data: new Float32Array([7]) }],
]);

/** A file with the given header and this many bytes of numbers. */
function file(header: unknown, dataBytes: number): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

const f32 = (shape: number[], ...data_offsets: number[]) => ({ dtype: 'F32', shape, data_offsets });

describe('safetensors', () => {
  test('what is written is read back, in order, with its metadata', () => {
    const { tensors, metadata } = decodeSafetensors(encodeSafetensors(state, { note: 'é' }), 'file');
    expect([...tensors]).toEqual([...state]);
    expect(metadata).toEqual({ note: 'é' });
  });

  test('any state survives', () => {
    const tensor = fc
      .array(fc.float({ noNaN: true }), { maxLength: 20 })
      .map((values) => ({ shape: [values.length], data: new Float32Array(values) }));
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(fc.string(), tensor), { selector: ([name]) => name }),
        (entries) => {
          const named = entries.map(([name, value]) => [`n.${name}`, value] as const);
          expect([...decodeSafetensors(encodeSafetensors(new Map(named)), 'file').tensors]).toEqual(named);
        },
      ),
    );
  });

  test('half precision takes half the bytes and rounds', () => {
    const single = encodeSafetensors(state);
    const half = encodeSafetensors(state, {}, (name) => (name === 'a' ? 'F16' : 'F32'));
    const { data } = decodeSafetensors(half, 'file').tensors.get('a')!;
    expect([...data]).toEqual([Math.fround(0.0999755859375), 65504]);
    expect(half.length).toBeLessThanOrEqual(single.length);
  });

  test('reads a file written according to the format', () => {
    // The header by hand; 1.5 and -2 in little-endian single precision, 0.5 in half.
    const bytes = file({ x: f32([2], 0, 8), h: { dtype: 'F16', shape: [1, 1], data_offsets: [8, 10] } }, 10);
    bytes.set([0, 0, 0xc0, 0x3f, 0, 0, 0, 0xc0, 0, 0x38], bytes.length - 10);
    const { tensors } = decodeSafetensors(bytes, 'file');
    expect([...tensors.get('x')!.data]).toEqual([1.5, -2]);
    expect(tensors.get('h')).toEqual({ shape: [1, 1], data: new Float32Array([0.5]) });
  });

  test('reads from the middle of a larger buffer', () => {
    const bytes = encodeSafetensors(state);
    const larger = new Uint8Array(bytes.length + 11);
    larger.set(bytes, 3);
    expect([...decodeSafetensors(larger.subarray(3, 3 + bytes.length), 'file').tensors]).toEqual([...state]);
  });

  test('the numbers start at a multiple of eight', () => {
    const length = new DataView(encodeSafetensors(state).buffer).getBigUint64(0, true);
    expect(length % 8n).toBe(0n);
  });

  test('a file truncated anywhere is refused', () => {
    const bytes = encodeSafetensors(state);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeSafetensors(bytes.subarray(0, length), 'w.safetensors')).toThrow(WeightsError);
    }
  });

  test.each<[string, Uint8Array, RegExp]>([
    ['nothing', new Uint8Array(0), /0 bytes and no header/],
    ['a header of a wrong length', new Uint8Array(16).fill(0x20), /claims a header/],
    ['a header that is no JSON', file('{"x":', 0), /not JSON/],
    ['a header that is a list', file('[]', 0), /not a JSON object/],
    ['an entry that is no object', file({ x: 5 }, 0), /"x"/],
    ['another type', file({ x: { dtype: 'I32', shape: [1], data_offsets: [0, 4] } }, 4), /I32.*F32/],
    ['a negative size', file({ x: f32([-1], 0, 4) }, 4), /shape \[-1\]/],
    ['a fractional offset', file({ x: f32([1], 0.5, 4.5) }, 8), /offsets/],
    ['offsets that do not fit the shape', file({ x: f32([2], 0, 4) }, 4), /4 bytes, but its shape/],
    ['tensors that overlap', file({ x: f32([2], 0, 8), y: f32([2], 4, 12) }, 12), /"y" overlaps/],
    ['a gap', file({ x: f32([1], 0, 4), y: f32([1], 8, 12) }, 12), /4 unused bytes before "y"/],
    ['a tensor beyond the end', file({ x: f32([4], 0, 16) }, 8), /truncated/],
    ['bytes after the end', file({ x: f32([1], 0, 4) }, 8), /4 bytes follow/],
    ['metadata that is no text', file({ __metadata__: { a: 1 } }, 0), /metadata/],
  ])('refuses %s', (_, bytes, message) => {
    const decode = () => decodeSafetensors(bytes, 'w.safetensors');
    expect(decode).toThrow(WeightsError);
    expect(decode).toThrow(message);
    expect(decode).toThrow(/^w\.safetensors/);
  });
});
