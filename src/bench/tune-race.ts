import { GlocalError } from '../errors';
import type { Gpu } from '../gpu/types';
import type { KernelPolicy } from '../kernels/policy';
import { relativeDifference } from './comparison';
import type { KernelCase } from './kernel-cases';
import { type Prepared, prepare } from './prepared';
import { type RaceOptions, race, type Sample } from './race';
import { ratioOf } from './results';
import type { Judge } from './tune';

/** Difference of outputs relative to the largest value: allows for Winograd's rounding; faults are far larger. */
const TOLERANCE = 1e-3;

/** Times policies against each other on a device. Those with identical dispatches run once. */
export function racingJudge(gpu: Gpu, options: RaceOptions): Judge {
  return async (cases, policies) => {
    const logs = policies.map(() => 0);
    for (const kernelCase of cases) {
      const ratios = await ratiosOf(gpu, kernelCase, policies, options);
      for (const [index, ratio] of ratios.entries()) logs[index]! += Math.log(ratio) / cases.length;
    }
    return logs.map(Math.exp);
  };
}

async function ratiosOf(
  gpu: Gpu,
  kernelCase: KernelCase,
  policies: readonly KernelPolicy[],
  options: RaceOptions,
): Promise<number[]> {
  const entrants = new Map<string, Prepared>();
  try {
    const entries: string[] = [];
    for (const policy of policies) entries.push(await enter(gpu, kernelCase, policy, entrants));
    if (entrants.size === 1)
      return entries.map((entry) => (entry === UNSUPPORTED ? Number.POSITIVE_INFINITY : 1));
    const fit = await agreeing([...entrants]);
    const samples = await race(
      fit.map(([, entrant]) => entrant),
      options,
    );
    const timed = new Map(fit.map(([entry], index) => [entry, samples[index]!]));
    const own = timed.get(entries[0]!)!;
    return entries.map((entry) => {
      const times = timed.get(entry);
      return times ? slowness(times, own, gpu.traits.isSoftware) : Number.POSITIVE_INFINITY;
    });
  } finally {
    for (const entrant of entrants.values()) entrant.destroy();
  }
}

/**
 * By wall-clock time and, on a software adapter, also by processor time, whichever is less favourable: other programs
 * disturb the first, and the second does not notice idle cores.
 */
function slowness(times: readonly Sample[], own: readonly Sample[], isSoftware: boolean): number {
  const wall = ratioOf(times, own, 'wall')!.median;
  const cpu = isSoftware ? ratioOf(times, own, 'cpu') : null;
  return Math.max(wall, cpu?.median ?? 0);
}

/** Stands for a policy that this adapter cannot follow. */
const UNSUPPORTED = '';

/** Prepares a case under a policy, unless the same dispatches exist already. Returns their name. */
async function enter(
  gpu: Gpu,
  { name, build }: KernelCase,
  policy: KernelPolicy,
  entrants: Map<string, Prepared>,
): Promise<string> {
  let prepared: Prepared;
  try {
    prepared = await prepare(gpu, name, build, policy);
  } catch (error) {
    // The first entry is the built-in choice, or builds on one that ran, so its failure must be reported.
    if (entrants.size > 0 && error instanceof GlocalError && !gpu.isLost) return UNSUPPORTED;
    throw error;
  }
  const entry = fingerprint(prepared);
  if (entrants.has(entry)) prepared.destroy();
  else entrants.set(entry, prepared);
  return entry;
}

/** Keeps those whose output agrees with the first's; also warms them up. */
async function agreeing(entrants: readonly [string, Prepared][]): Promise<[string, Prepared][]> {
  const fit: [string, Prepared][] = [];
  let expected: Float32Array | undefined;
  for (const [entry, entrant] of entrants) {
    await entrant.run(1);
    const output = await entrant.read();
    if (expected === undefined || relativeDifference(expected, output) <= TOLERANCE)
      fit.push([entry, entrant]);
    expected ??= output;
  }
  return fit;
}

const fingerprint = ({ calls }: Prepared): string =>
  JSON.stringify(
    calls.map(({ kernel, constants, params, dispatch }) => [kernel.name, constants, params, dispatch]),
  );
