import { InputError } from '../errors';
import { compareWith, type ReadyOpponent, warmUp } from './comparison';
import { type ConvolutionProblem, type Pass, reductionLength } from './convolution-problem';
import { type CaseOptions, type KernelCase, kernelCases } from './kernel-cases';
import type { ConvolutionInputs, Opponent, OpponentRun } from './opponent';
import { type Prepared, prepare, seededValues } from './prepared';
import type { NoComparison, Row } from './results';
import type { BenchTask } from './task';

interface KernelBench extends CaseOptions {
  /** Selects cases whose name contains all words of one of these; all cases if empty. */
  readonly filters: readonly string[];
}

/** Measures individual operators. */
export async function benchKernels(task: BenchTask, bench: KernelBench): Promise<void> {
  const { gpu, opponents, emit, onNotice } = task;
  const cases = kernelCases(bench).filter(({ name }) => passes(name, bench.filters));
  if (cases.length === 0) {
    throw new InputError(
      `No operator has the words of --filter (${bench.filters.join('; ')}) in its name, so there is nothing to measure. ` +
        'Without --filter all are shown.',
    );
  }
  for (const item of cases) {
    onNotice(item.name);
    const ours = await prepare(gpu, item.name, item.build);
    const runs: OpponentRun[] = [];
    try {
      await ours.run(1);
      const ready = await prepareOpponents(item, ours, opponents, runs);
      emit({ name: item.name, ...workOfCase(item, ours), ...(await compareWith(ours, ready, task)) });
    } finally {
      ours.destroy();
      for (const run of runs) run.destroy();
    }
  }
}

const passes = (name: string, filters: readonly string[]): boolean =>
  filters.length === 0 || filters.some((words) => words.split(/\s+/).every((word) => name.includes(word)));

function workOfCase({ work }: KernelCase, { calls }: Prepared): Pick<Row, 'work' | 'kernels'> {
  const sum = (key: 'flops' | 'bytes') => calls.reduce((total, call) => total + call[key], 0);
  return {
    work: work ?? { flops: sum('flops'), bytes: sum('bytes') },
    kernels: calls.map(({ kernel }) => kernel.name),
  };
}

/** Prepares the opponents for the case and compares their outputs. */
async function prepareOpponents(
  { problem }: KernelCase,
  ours: Prepared,
  opponents: readonly Opponent[],
  runs: OpponentRun[],
): Promise<(ReadyOpponent | NoComparison)[]> {
  if (!problem || opponents.length === 0) return [];
  const expected = await ours.read();
  const ready: (ReadyOpponent | NoComparison)[] = [];
  for (const opponent of opponents) {
    const run = await opponent.convolution?.(problem, inputsOf(problem));
    if (!run) continue;
    runs.push(run);
    ready.push(await warmUp(opponent, run, expected, toleranceOf(problem)));
  }
  return ready;
}

/** Dense inputs for a pass; our tensors get the same numbers by name. */
function inputsOf({ pass, x, w, y }: ConvolutionProblem): ConvolutionInputs {
  const reads: Readonly<Record<Pass, readonly ('x' | 'w' | 'y')[]>> = {
    forward: ['x', 'w'],
    'input gradient': ['y', 'w'],
    'weight gradient': ['x', 'y'],
  };
  const shapes = { x, w, y };
  return Object.fromEntries(reads[pass].map((name) => [name, seededValues(name, shapes[name])]));
}

/**
 * Allowed difference relative to the largest value: f32 rounding in sums of this length, with room for Winograd's
 * F(4x4, 3x3), whose error is about ten times that of the direct method.
 */
const toleranceOf = (problem: ConvolutionProblem): number =>
  64 * 2 ** -24 * Math.sqrt(reductionLength(problem)) + 1e-5;
