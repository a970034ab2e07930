/** Ways of measuring time. */
export interface Clock {
  /** Milliseconds since an arbitrary moment. */
  wall(): number;
  /** Processor milliseconds over all threads of the computing processes; absent if unknown. */
  cpu?(): number | Promise<number>;
}

/** Repeatable work. */
export interface Candidate {
  /** Runs it this many times; resolves when the device has finished. */
  run(times: number): Promise<void>;
}

/** Milliseconds per run. */
export interface Sample {
  readonly wall: number;
  readonly cpu: number | null;
}

export interface RaceOptions {
  readonly clock: Clock;
  /** Number of samples per candidate. */
  readonly rounds: number;
  /** Minimum duration of a sample in milliseconds; short runs are repeated to fill it. */
  readonly sampleMs: number;
}

/** The most repetitions in one sample. */
const MOST_TIMES = 1000;

/**
 * Interleaves candidates (A B A B ...), so that anything slowing the machine down affects both. They must be warmed
 * up: everything compiled. Returns each candidate's samples, by round.
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
      // A single run that is long enough is already a sample: some opponents take minutes.
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
