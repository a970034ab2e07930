import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { Random } from '../src/random';
import { sha256 } from '../src/sha256';

test('is the SHA-256 of Node, for all lengths around a block and in any parts', () => {
  const random = new Random(1);
  const bytes = Uint8Array.from({ length: 1000 }, () => random.integer(256));
  for (const length of [...Array.from({ length: 200 }, (_, i) => i), 1000]) {
    const some = bytes.subarray(0, length);
    const expected = createHash('sha256').update(some).digest('hex');
    const [a, b] = [random.integer(length + 1), random.integer(length + 1)].sort((x, y) => x - y);
    expect(sha256(some)).toBe(expected);
    expect(sha256(some.subarray(0, a), some.subarray(a, b), some.subarray(b))).toBe(expected);
  }
});
