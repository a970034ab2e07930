import { CONVOLUTION_FAMILIES, type ConvolutionFamily, type KernelPolicy } from '../kernels/policy';
import { convolution, type Pass, upsampling } from './convolution-problem';
import { convolutionCase, type KernelCase, otherCases } from './kernel-cases';

/** One decision of a policy, and its result. */
interface Decision {
  readonly question: string;
  readonly answer: string;
  /** Speed relative to the previous policy. */
  readonly gain: number;
}

export interface Tuning {
  readonly policy: KernelPolicy;
  readonly decisions: readonly Decision[];
}

/** Time of each policy relative to the first, over all cases. Infinite if it cannot run or its results differ. */
export type Judge = (
  cases: readonly KernelCase[],
  policies: readonly KernelPolicy[],
) => Promise<readonly number[]>;

export interface Candidate {
  readonly answer: string;
  readonly policy: KernelPolicy;
}

/** A smaller gain may be chance, so the decision stays as it was. */
export const LEAST_GAIN = 1.1;

/** More channels than any layer has. */
const NEVER = 2 ** 16;

/** Channels at which Winograd's method is tried, and the side of the image for each. */
const WINOGRAD_TRIALS = [
  [128, 32],
  [64, 64],
  [32, 64],
  [16, 128],
] as const;

/** Finds a policy for an adapter, one decision after the other, each building on the previous ones. */
export async function tune(
  shipped: KernelPolicy,
  judge: Judge,
  onNotice: (message: string) => void,
): Promise<Tuning> {
  const decisions: Decision[] = [];
  const decide = async (question: string, cases: readonly KernelCase[], candidates: readonly Candidate[]) => {
    onNotice(question);
    const times = await judge(
      cases,
      candidates.map(({ policy }) => policy),
    );
    const quickest = times.indexOf(Math.min(...times));
    const best = 1 / times[quickest]! >= LEAST_GAIN ? quickest : 0;
    const { answer, policy } = candidates[best]!;
    decisions.push({ question, answer, gain: 1 / times[best]! });
    return policy;
  };

  // First the families are compared with each other, then the best with Winograd's method.
  let policy: KernelPolicy = { ...shipped, winogradChannels: { gather: NEVER, weightGradient: NEVER } };
  for (const [kind, question] of KINDS) {
    policy = await decide(question, familyCases(kind), families(policy, kind));
  }
  policy = await decide('splits of weight gradients', familyCases('weightGradient'), splits(policy));
  policy = await decide('workgroups of streams', STREAM_CASES, streamingWorkgroups(policy));
  for (const [kind, question] of KINDS) {
    const tried = withFirst(policy, kind, 'winograd');
    const channels = (from: number): KernelPolicy => ({
      ...tried,
      winogradChannels: { ...tried.winogradChannels, [kind]: from },
    });
    let from = NEVER;
    for (const [count, side] of WINOGRAD_TRIALS) {
      const cases = passes(kind).map((pass) => square(pass, count, side));
      const candidates = [
        { answer: `not at ${count} channels`, policy: channels(NEVER) },
        { answer: `from ${count} channels on`, policy: channels(count) },
      ];
      const chosen = await decide(`Winograd for ${question}`, cases, candidates);
      if (chosen === candidates[0]!.policy) break;
      from = count;
    }
    policy = channels(from);
  }
  return { policy, decisions };
}

type Kind = 'gather' | 'weightGradient';

const KINDS = [
  ['gather', 'convolutions and input gradients'],
  ['weightGradient', 'weight gradients'],
] as const satisfies [Kind, string][];

const passes = (kind: Kind): readonly Pass[] =>
  kind === 'gather' ? ['forward', 'input gradient'] : ['weight gradient'];

const square = (pass: Pass, channels: number, size: number): KernelCase =>
  convolutionCase(convolution(pass, { batch: 1, from: channels, to: channels, size }));

/** Few channels on a large image, many on a small one, and an upsampling. */
function familyCases(kind: Kind): KernelCase[] {
  return passes(kind).flatMap((pass) => [
    square(pass, 16, 128),
    square(pass, 64, 32),
    convolutionCase(upsampling(pass, { batch: 1, from: 32, to: 16, size: 32 })),
  ]);
}

const STREAM_CASES = otherCases([1, 16, 128, 128]);

/** The current order, and each other family moved to the front. */
export function families(policy: KernelPolicy, kind: Kind): Candidate[] {
  const [current] = policy[kind].filter((family) => family !== 'winograd');
  const others = CONVOLUTION_FAMILIES.filter((family) => family !== 'winograd' && family !== current);
  return [
    { answer: `${current ?? 'direct'} first`, policy },
    ...others.map((family) => ({ answer: `${family} first`, policy: withFirst(policy, kind, family) })),
  ];
}

const withFirst = (policy: KernelPolicy, kind: Kind, first: ConvolutionFamily): KernelPolicy => ({
  ...policy,
  [kind]: [first, ...policy[kind].filter((family) => family !== first)],
});

const SCALES = [1, 1 / 2, 2, 4] as const;

function splits(policy: KernelPolicy): Candidate[] {
  return SCALES.map((scale) => {
    const weightGradientWorkgroups = Math.max(1, scale * policy.weightGradientWorkgroups);
    const answer = `into ${weightGradientWorkgroups} workgroups`;
    return { answer, policy: { ...policy, weightGradientWorkgroups } };
  });
}

/** Lanes are a power of two, at least as many as a row tile needs. */
function streamingWorkgroups(policy: KernelPolicy): Candidate[] {
  return SCALES.filter((scale) => scale * policy.streaming.workgroup >= 2).map((scale) => {
    const workgroup = scale * policy.streaming.workgroup;
    return {
      answer: `of ${workgroup}`,
      policy: { ...policy, streaming: { ...policy.streaming, workgroup } },
    };
  });
}
