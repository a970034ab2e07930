import { describe, expect, it } from 'vitest';
import { hashText, Random } from '../src/random';

/** xoshiro128** written again with BigInt, straight from its definition. */
function xoshiro128(words: readonly number[], count: number): number[] {
  const mask = 0xffffffffn;
  const rotate = (x: bigint, k: bigint) => ((x << k) | (x >> (32n - k))) & mask;
  const s = words.map(BigInt) as [bigint, bigint, bigint, bigint];
  return Array.from({ length: count }, () => {
    const result = (rotate((s[1] * 5n) & mask, 7n) * 9n) & mask;
    const t = (s[1] << 9n) & mask;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 11n);
    return Number(result);
  });
}

describe('Random', () => {
  it('is xoshiro128**', () => {
    const random = new Random(42);
    const expected = xoshiro128(random.words, 1000);
    expect(Array.from({ length: 1000 }, () => random.uint32())).toEqual(expected);
  });

  it('keeps its streams from version to version', () => {
    expect([new Random(1).uint32(), new Random('1').uint32(), new Random(1).fork('a').uint32()]).toEqual([
      3583862319, 3224221208, 1813489891,
    ]);
  });

  it('forks by seed and label, not by position', () => {
    const random = new Random(3);
    const before = random.fork('camera').uint32();
    random.uint32();
    expect(random.fork('camera').uint32()).toBe(before);
    const first = [0, 1, '0', 'camera'].map((label) => random.fork(label).uint32());
    expect(new Set(first).size).toBe(4);
  });

  it('draws uniform and normal numbers with the right moments', () => {
    const random = new Random(5);
    const count = 20000;
    const moments = (draw: () => number) => {
      const values = Array.from({ length: count }, draw);
      const mean = values.reduce((a, b) => a + b) / count;
      return [mean, values.reduce((a, b) => a + (b - mean) ** 2, 0) / count] as const;
    };
    const [uniformMean, uniformVariance] = moments(() => random.uniform(-4, 0));
    expect(Math.abs(uniformMean + 2)).toBeLessThan(0.04);
    expect(Math.abs(uniformVariance - 16 / 12)).toBeLessThan(0.05);
    const [normalMean, normalVariance] = moments(() => random.normal(0.6, 0.1));
    expect(Math.abs(normalMean - 0.6)).toBeLessThan(0.004);
    expect(Math.abs(normalVariance - 0.01)).toBeLessThan(0.0005);
  });

  it('draws integers evenly and shuffles into permutations', () => {
    const random = new Random(6);
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < 7000; i++) counts[random.integer(7)]!++;
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
    const shuffled = random.shuffle(Array.from({ length: 50 }, (_, i) => i));
    expect([...shuffled].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(shuffled).not.toEqual([...shuffled].sort((a, b) => a - b));
  });
});

describe('hashText', () => {
  it('is stable and spreads', () => {
    expect(hashText('forest_slope')).toBe(hashText('forest_slope'));
    const hashes = new Set(Array.from({ length: 1000 }, (_, i) => hashText(`scene_${i}`)));
    expect(hashes.size).toBe(1000);
  });
});
