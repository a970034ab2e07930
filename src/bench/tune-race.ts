import { GlocalError } from '../errors';
import type { Gpu } from '../gpu/types';
import type { KernelPolicy } from '../kernels/policy';
import { relativeDifference } from './comparison';
import type { KernelCase } from './kernel-cases';
import { type Prepared, prepare } from './prepared';
import { type RaceOptions, race, type Sample } from './race';
import { ratioOf } from './results';
import type { Judge } from './tune';

/** Difference of outputs over the largest value: Winograd's method rounds differently, a fault is far larger. */
const TOLERANCE = 1e-3;

/** Lets policies race on a device. Those that lead to the same dispatches run once. */
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
    if (entrants.size === 1) return entries.map((entry) => (entry === NOBODY ? Number.POSITIVE_INFINITY : 1));
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
 * On the wall; on a software adapter also by the processor's time, whichever speaks against a change: the first
 * suffers from what else the machine does, the second does not see that a kernel leaves cores idle.
 */
function slowness(times: readonly Sample[], own: readonly Sample[], isSoftware: boolean): number {
  const wall = ratioOf(times, own, 'wall')!.median;
  const cpu = isSoftware ? ratioOf(times, own, 'cpu') : null;
  return Math.max(wall, cpu?.median ?? 0);
}

/** What stands for a policy that this adapter cannot follow. */
const NOBODY = '';

/** Makes a case ready under a policy, unless its very dispatches are there already. Returns their name. */
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
    // The first is the shipped choice or builds on what ran: were it to fail, that must be known.
    if (entrants.size > 0 && error instanceof GlocalError && !gpu.isLost) return NOBODY;
    throw error;
  }
  const entry = fingerprint(prepared);
  if (entrants.has(entry)) prepared.destroy();
  else entrants.set(entry, prepared);
  return entry;
}

/** Those that give what the first gives. Warms them, too. */
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
