/** What time is taken by. */
export interface Clock {
  /** Milliseconds since some moment. */
  wall(): number;
  /** Processor milliseconds, all threads together, of the processes that compute; absent where nobody tells. */
  cpu?(): number | Promise<number>;
}

/** Something that can be done again and again. */
export interface Candidate {
  /** Does it so many times and resolves when the device is done with all. */
  run(times: number): Promise<void>;
}

/** Milliseconds of one run. */
export interface Sample {
  readonly wall: number;
  readonly cpu: number | null;
}

export interface RaceOptions {
  readonly clock: Clock;
  /** Samples of each candidate. */
  readonly rounds: number;
  /** How long a sample is to last at least, in milliseconds: short runs are repeated within it. */
  readonly sampleMs: number;
}

/** Most repetitions in one sample. */
const MOST_TIMES = 1000;

/**
 * Lets candidates run in turn (A B A B ...), so that whatever slows the machine down for a while slows both.
 * They must be warm: everything compiled. Returns the samples of each, in order of rounds.
 */
export async function race(
  candidates: readonly Candidate[],
  { clock, rounds, sampleMs }: RaceOptions,
): Promise<Sample[][]> {
  const samples: Sample[][] = candidates.map(() => []);
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const [index, candidate] of candidates.entries()) {
      const trial = times[index] === undefined ? await measure(candidate, clock, 1) : undefined;
      times[index] ??= repetitions(trial!.wall, sampleMs);
      // One run that is long enough is a sample already: some opponents take minutes.
      const whole = trial !== undefined && times[index] === 1;
      samples[index]!.push(whole ? trial : await measure(candidate, clock, times[index]));
    }
  }
  return samples;
}

const repetitions = (wall: number, sampleMs: number): number =>
  Math.min(MOST_TIMES, Math.max(1, Math.ceil(sampleMs / Math.max(wall, 1e-3))));

async function measure(candidate: Candidate, clock: Clock, times: number): Promise<Sample> {
  const cpu = (await clock.cpu?.()) ?? null;
  const start = clock.wall();
  await candidate.run(times);
  const wall = clock.wall() - start;
  const used = cpu === null ? null : (await clock.cpu!()) - cpu;
  return { wall: wall / times, cpu: used === null ? null : used / times };
}
