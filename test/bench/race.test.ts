import { describe, expect, it } from 'vitest';
import { compareWith, relativeDifference } from '../../src/bench/comparison';
import { type Candidate, type Clock, race } from '../../src/bench/race';

/** Time passes only when a candidate runs. */
function track() {
  let [now, used] = [0, 0];
  const log: string[] = [];
  const clock: Clock = { wall: () => now, cpu: () => used };
  const candidate = (name: string, ms: number): Candidate => ({
    async run(times) {
      log.push(`${name}${times}`);
      now += times * ms;
      used += 2 * times * ms;
    },
  });
  return { clock, candidate, log };
}

describe('race', () => {
  it('interleaves candidates and returns the time of one run', async () => {
    const { clock, candidate, log } = track();
    const samples = await race([candidate('a', 3), candidate('b', 5)], { clock, rounds: 3, sampleMs: 0 });
    expect(log).toEqual(['a1', 'b1', 'a1', 'b1', 'a1', 'b1']);
    expect(samples).toEqual([Array(3).fill({ wall: 3, cpu: 6 }), Array(3).fill({ wall: 5, cpu: 10 })]);
  });

  it('repeats short runs until a sample lasts long enough, and takes a long one as it is', async () => {
    const { clock, candidate, log } = track();
    const samples = await race([candidate('a', 3), candidate('b', 50)], { clock, rounds: 2, sampleMs: 10 });
    expect(log).toEqual(['a1', 'a4', 'b1', 'a4', 'b1']);
    expect(samples[0]).toEqual(Array(2).fill({ wall: 3, cpu: 6 }));
  });

  it('has no processor time if the clock has none', async () => {
    const { clock, candidate } = track();
    const [samples] = await race([candidate('a', 3)], {
      clock: { wall: clock.wall },
      rounds: 1,
      sampleMs: 0,
    });
    expect(samples).toEqual([{ wall: 3, cpu: null }]);
  });
});

describe('comparison', () => {
  it('gives the ratio to an opponent that agrees, and no time for one that does not', async () => {
    const { clock, candidate, log } = track();
    const challenger = (name: string, ms: number, difference: number) => ({
      opponent: name,
      version: '1',
      tolerance: 1e-3,
      difference,
      ...candidate(name, ms),
    });
    const { ours, reference, comparisons } = await compareWith(
      candidate('ours', 2),
      [challenger('good', 8, 1e-4), challenger('wrong', 1, 0.1), challenger('nan', 1, Number.NaN)],
      { reference: candidate('yard', 5), race: { clock, rounds: 2, sampleMs: 0 } },
    );
    expect(log).toEqual(['ours1', 'yard1', 'good1', 'ours1', 'yard1', 'good1']);
    expect(reference.wall.median).toBe(5);
    expect(ours.wall.median).toBe(2);
    expect(comparisons[0]).toMatchObject({ opponent: 'good', ratio: { median: 4 }, cpuRatio: { median: 4 } });
    for (const [index, name] of ['wrong', 'nan'].entries()) {
      expect(comparisons[index + 1]).toEqual({
        opponent: name,
        problem: expect.stringContaining('not timed'),
      });
    }
  });
});

describe('relativeDifference', () => {
  it('is the largest gap over the largest value', () => {
    expect(relativeDifference([1, -4, 2], [1, -4.1, 2.2])).toBeCloseTo(0.05);
    expect(relativeDifference([1, 2], [1, 2])).toBe(0);
  });

  it('never accepts values that cannot be compared', () => {
    expect(relativeDifference([1, 2], [1, Number.NaN])).toBeNaN();
    expect(relativeDifference([1, 2], [1])).toBe(Number.POSITIVE_INFINITY);
    expect(relativeDifference([0, 0], [0, 0])).toBe(Number.POSITIVE_INFINITY);
  });
});
