import { finished } from '../gpu/buffers';
import type { Gpu } from '../gpu/types';
import { Graph, Program, type SymbolicTensor } from '../graph';
import { type KernelPolicy, withoutWinograd } from '../kernels/policy';
import { policyOf, withPolicy } from '../kernels/tuned-gpu';
import { buildNetwork, writeState } from '../model';
import { buildBilateralGrid } from '../model/bilateral/network';
import type { FoldableConfig } from '../model/model-config';
import type { StateDict } from '../model/state-dict';
import { seededValues } from './prepared';
import { type Clock, type Candidate as Racer, race } from './race';
import { ratioOf } from './results';
import { type Candidate, families, LEAST_GAIN } from './tune';

/** Side of the picture that a local-global network races on. */
const SIDE = 256;

/** A run that takes longer is not raced: it would keep the next photo waiting. In milliseconds. */
const LONGEST_RUN = 100;

const ROUNDS = 3;
const SAMPLE_MS = 5;

/** A network with its batch norms folded. */
interface Network {
  readonly config: FoldableConfig;
  readonly weights: StateDict;
}

interface Entrant extends Racer, Candidate {
  readonly program: Program;
  readonly output: Float32Array;
}

/**
 * Races families of kernels and tile sizes on a whole network, for some tens of milliseconds. Only candidates with the
 * same bits as the current choice take part, so pictures stay the same whichever wins.
 *
 * @returns the policy that won, or the current one if nothing beats it by a tenth.
 */
export async function tuneNetwork(gpu: Gpu, network: Network, clock: Clock): Promise<KernelPolicy> {
  const current = withoutWinograd(policyOf(gpu));
  const entrants: Entrant[] = [];
  try {
    for (const candidate of [...families(current, 'gather'), ...tileSizes(current)]) {
      const entrant = await enter(gpu, network, candidate);
      const isNew = entrants.every(({ program }) => !hasSameCalls(program, entrant.program));
      if (isNew && hasSameBits(entrants[0]?.output ?? entrant.output, entrant.output)) entrants.push(entrant);
      else entrant.program.destroy();
      if (entrants.length === 1 && (await timed(entrants[0]!, clock)) > LONGEST_RUN) return policyOf(gpu);
    }
    const samples = await race(entrants, { clock, rounds: ROUNDS, sampleMs: SAMPLE_MS });
    const ratios = samples.map((times) => ratioOf(times, samples[0]!, 'wall')!.median);
    const best = ratios.indexOf(Math.min(...ratios));
    return 1 / ratios[best]! >= LEAST_GAIN ? winning(gpu, entrants[best]!) : policyOf(gpu);
  } finally {
    for (const { program } of entrants) program.destroy();
  }
}

/** Larger or smaller tiles of the family `workgroup`, all of which give the same bits. */
const tileSizes = (policy: KernelPolicy): Candidate[] =>
  [1 / 4, 4].map((scale) => {
    const gatherWorkgroups = Math.max(1, scale * policy.gatherWorkgroups);
    return { answer: `tiles for ${gatherWorkgroups} workgroups`, policy: { ...policy, gatherWorkgroups } };
  });

/** The winner's policy; Winograd's method, which took no part, keeps its position. */
function winning(gpu: Gpu, { policy }: Entrant): KernelPolicy {
  const winograd = policyOf(gpu).gather.filter((family) => family === 'winograd');
  return { ...policy, gather: [...winograd, ...policy.gather] };
}

async function enter(gpu: Gpu, { config, weights }: Network, candidate: Candidate): Promise<Entrant> {
  const { graph, input, output } = graphOf(config);
  const program = await Program.compile(withPolicy(gpu, candidate.policy), graph, { fetch: [output] });
  writeState(program, weights);
  program.write(input, seededValues('image', input.shape, 'positive'));
  program.run();
  const values = await program.read(output);
  return {
    ...candidate,
    program,
    output: values,
    async run(times) {
      for (let time = 0; time < times; time++) program.run();
      await finished(gpu);
    },
  };
}

function graphOf(config: FoldableConfig): {
  graph: Graph;
  input: SymbolicTensor;
  output: SymbolicTensor;
} {
  const graph = new Graph();
  const side = config.kind === 'bilateral-grid' ? config.viewSize : SIDE;
  const input = graph.input('input', [1, 3, side, side]);
  const { output } =
    config.kind === 'bilateral-grid'
      ? buildBilateralGrid(graph, input, config, { mode: 'folded' })
      : buildNetwork(graph, input, config, { mode: 'folded' });
  return { graph, input, output };
}

async function timed(racer: Racer, clock: Clock): Promise<number> {
  const start = clock.wall();
  await racer.run(1);
  return clock.wall() - start;
}

const hasSameBits = (a: Float32Array, b: Float32Array): boolean =>
  a.every((value, at) => Object.is(value, b[at]));

const hasSameCalls = (a: Program, b: Program): boolean =>
  JSON.stringify(a.calls.map(({ kernel, dispatch }) => [kernel, dispatch])) ===
  JSON.stringify(b.calls.map(({ kernel, dispatch }) => [kernel, dispatch]));
