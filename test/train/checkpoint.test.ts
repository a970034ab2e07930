import { describe, expect, test } from 'vitest';
import { WeightsError } from '../../src/errors';
import { encodeSafetensors } from '../../src/model/safetensors';
import { decodeCheckpoint, encodeCheckpoint } from '../../src/train/checkpoint';
import { config } from './samples';

const state = new Map([
  ['local.0.conv1.weight', { shape: [2, 3, 1, 1], data: Float32Array.of(1, -0, 3e-42, 4, 5, 1 / 3) }],
  ['local.0.conv1.weight.adam.m', { shape: [2, 3, 1, 1], data: new Float32Array(6) }],
]);
const meta = { step: 70, config, best: { step: 50, psnr: 17.25 } };

describe('checkpoint', () => {
  test('restores every bit of the state and its metadata', () => {
    const back = decodeCheckpoint(encodeCheckpoint(state, meta), 'a.safetensors');
    expect(back.meta).toEqual(meta);
    expect([...back.state.keys()].sort()).toEqual([...state.keys()].sort());
    for (const [name, { shape, data }] of state) {
      expect(back.state.get(name)?.shape).toEqual(shape);
      expect(new Uint8Array(back.state.get(name)!.data.slice().buffer)).toEqual(new Uint8Array(data.buffer));
    }
  });

  test('of an older version without network kinds is local-global', () => {
    const { kind: _, ...network } = config.network;
    const old = { ...meta, config: { ...config, network } } as unknown as typeof meta;
    expect(decodeCheckpoint(encodeCheckpoint(state, old), 'old').meta).toEqual(meta);
  });

  test('truncated anywhere, it is refused by name', () => {
    const bytes = encodeCheckpoint(state, meta);
    for (const length of [0, 7, 8, 100, bytes.length - 1]) {
      expect(() => decodeCheckpoint(bytes.subarray(0, length), 'cut.safetensors')).toThrow(WeightsError);
      expect(() => decodeCheckpoint(bytes.subarray(0, length), 'cut.safetensors')).toThrow(
        /cut\.safetensors/,
      );
    }
  });

  test('with a single flipped bit anywhere is refused', () => {
    const bytes = encodeCheckpoint(state, meta);
    // The header is text, in which a flip may also make it unreadable; the numbers would only be others.
    for (let at = 8; at < bytes.length; at++) {
      const flipped = bytes.slice();
      flipped[at]! ^= 1 << (at % 8);
      expect(() => decodeCheckpoint(flipped, 'flipped.safetensors'), `byte ${at}`).toThrow(WeightsError);
    }
    const last = bytes.slice();
    last[last.length - 1]! ^= 1;
    expect(() => decodeCheckpoint(last, 'flipped.safetensors')).toThrow(/changed or damaged/);
  });

  test('of a version without hashes is read, and marked as such', () => {
    const old = encodeSafetensors(state, {
      format: 'glocal-checkpoint-1',
      checkpoint: JSON.stringify(meta),
    });
    expect(decodeCheckpoint(old, 'old')).toMatchObject({ meta, isUnhashed: true });
    expect(decodeCheckpoint(encodeCheckpoint(state, meta), 'new').isUnhashed).toBeUndefined();
  });
});
