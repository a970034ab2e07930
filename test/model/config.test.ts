import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/errors';
import { networkConfig, networkParameters, PRESETS } from '../../src/model';

const count = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** Trained numbers of a network. */
const parameterCount = (values: Record<string, unknown>): number =>
  networkParameters(networkConfig(values))
    .filter(({ trainable }) => trainable)
    .reduce((sum, { shape }) => sum + count(shape), 0);

describe('networkConfig', () => {
  test('is the paper by default', () => {
    expect(networkConfig()).toEqual(PRESETS.paper);
    expect(networkConfig({ width: 8 }).globalWidth).toBe(64);
  });

  test.each<[Record<string, unknown>, RegExp]>([
    [{ width: 0 }, /width = 0; expected a positive integer/],
    [{ width: 8.5 }, /width = 8.5/],
    [{ globalWidth: '16' }, /globalWidth = "16"/],
    [{ globalSize: 100 }, /globalSize = 100; expected a positive multiple of 32/],
    [{ globalEncoder: 1 }, /globalEncoder = 1; expected true or false/],
    [{ join: 'B' }, /join = "B"/],
    [{ outputKernel: 5 }, /outputKernel = 5; expected 1 or 3/],
    [{ normEpsilon: 0 }, /normEpsilon = 0/],
    [{ normMomentum: Number.NaN }, /normMomentum/],
    [{ depth: 4 }, /no "depth"/],
  ])('refuses %j', (values, message) => {
    expect(() => networkConfig(values)).toThrow(InputError);
    expect(() => networkConfig(values)).toThrow(message);
  });
});

describe('number of parameters', () => {
  test.each<[string, Record<string, unknown>, number]>([
    ['the paper, join P', {}, 10_330_947],
    ['1x1 output', { outputKernel: 1 }, 10_330_179],
    ['join A', { join: 'A' }, 10_363_715],
    ['join C', { join: 'C' }, 15_084_355],
  ])('%s', (_, values, expected) => {
    expect(parameterCount(values)).toBe(expected);
  });

  test('the global encoder and what the decoder spends on it', () => {
    const decoderShare = 64 * 256 * 16;
    expect(parameterCount({}) - parameterCount({ globalEncoder: false })).toBe(215_488 + decoderShare);
  });
});
