import type { Gpu } from '../gpu/types';
import type { Program } from '../graph';
import { foldBatchNorm, initialWeights } from '../model';
import { compileForward, networkOfWidth } from './network';
import { seededValues } from './prepared';
import type { Work } from './results';
import { OurTraining, trainingTask } from './training';

/** Time and work of a group of calls. */
export interface ProfileRow {
  readonly name: string;
  readonly calls: number;
  readonly ms: number;
  readonly work: Work;
}

/** Time of a program by kernel, layer and call; rows are sorted, longest first. */
export interface Profile {
  readonly name: string;
  /** Sum over all calls, run one by one. */
  readonly ms: number;
  readonly byKernel: readonly ProfileRow[];
  readonly byLayer: readonly ProfileRow[];
  /** By kernel, layer and phase together. */
  readonly byCall: readonly ProfileRow[];
}

type Phase = 'forward' | 'backward' | 'update';

/** Measures every call of a program separately; variables are updated as usual. */
async function profileProgram(name: string, program: Program, repeat: number): Promise<Profile> {
  await program.profile(1);
  const times = await program.profile(repeat);
  const phases = phasesOf(times.map(({ kernel }) => kernel));
  const calls = times.map((call, index) => ({ ...call, phase: phases[index]! }));
  return {
    name,
    ms: calls.reduce((sum, { ms }) => sum + ms, 0),
    byKernel: grouped(calls, ({ kernel, phase }) => `${kernel} (${phase})`),
    byLayer: grouped(calls, ({ label }) => label),
    byCall: grouped(calls, ({ kernel, label, phase }) => `${label} ${kernel} (${phase})`),
  };
}

/** Backward starts after the loss; without a loss everything is forward. */
function phasesOf(kernels: readonly string[]): Phase[] {
  const loss = kernels.findIndex((kernel) => kernel.startsWith('loss_'));
  return kernels.map((kernel, index) => {
    if (kernel === 'adam') return 'update';
    return loss < 0 || index < loss ? 'forward' : 'backward';
  });
}

interface Call extends Work {
  readonly kernel: string;
  readonly label: string;
  readonly phase: Phase;
  readonly ms: number;
}

function grouped(calls: readonly Call[], key: (call: Call) => string): ProfileRow[] {
  const rows = new Map<
    string,
    { name: string; calls: number; ms: number; work: { flops: number; bytes: number } }
  >();
  for (const call of calls) {
    const name = key(call);
    const row = rows.get(name) ?? { name, calls: 0, ms: 0, work: { flops: 0, bytes: 0 } };
    rows.set(name, row);
    row.calls++;
    row.ms += call.ms;
    row.work.flops += call.flops;
    row.work.bytes += call.bytes;
  }
  return [...rows.values()].sort((a, b) => b.ms - a.ms);
}

/** Profiles the forward pass of the network with folded batch norm. */
export async function profileNetwork(
  gpu: Gpu,
  width: number,
  size: number,
  repeat: number,
): Promise<Profile> {
  const config = networkOfWidth(width);
  const network = { config, weights: foldBatchNorm(initialWeights(config, 1), config) };
  const forward = await compileForward(gpu, network, seededValues('image', [1, 3, size, size]), size);
  try {
    return await profileProgram(`forward, width ${width} at ${size}x${size}`, forward.program, repeat);
  } finally {
    forward.program.destroy();
  }
}

/** Profiles a training step. */
export async function profileTraining(
  gpu: Gpu,
  width: number,
  shape: { readonly batch: number; readonly size: number },
  repeat: number,
): Promise<Profile> {
  const ours = await OurTraining.compile(gpu, trainingTask(width, shape));
  try {
    await ours.run(1);
    const name = `training step, width ${width}, ${shape.batch} x ${shape.size}x${shape.size}`;
    return await profileProgram(name, ours.program, repeat);
  } finally {
    ours.destroy();
  }
}
