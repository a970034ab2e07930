/** The page that computes for `glocal bench --runtime chrome`. The harness only calls `glocalBench`. */
import { openGpu } from '../../gpu/device';
import type { AdapterTraits } from '../../gpu/types';
import type { OpenOpponent, OpponentName } from '../opponent';
import type { Clock } from '../race';
import { type BenchJob, type BenchOutcome, runBench } from '../run';

/** The page's answer. Errors cannot cross the border and are described instead. */
export type PageAnswer =
  | { readonly outcome: BenchOutcome; readonly traits: AdapterTraits }
  | { readonly error: { readonly name: string; readonly message: string } };

declare global {
  interface Window {
    glocalBench(job: BenchJob, against: readonly OpponentName[]): Promise<PageAnswer>;
    /** Provided by the harness: reports what is being done. */
    glocalNotice(message: string): Promise<void>;
    /** Provided by the harness: the browser's processor milliseconds; absent if unknown. */
    glocalCpu?(): Promise<number>;
  }
}

/** Modules of opponents, loaded on demand. */
type OpponentModules = Readonly<Partial<Record<OpponentName, () => Promise<{ open: OpenOpponent }>>>>;

/** Adds `glocalBench` to the page. */
export function installBench(modules?: OpponentModules): void {
  window.glocalBench = async (job, against) => {
    try {
      return await bench(job, against, modules);
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      return { error: { name, message } };
    }
  };
}

async function bench(
  job: BenchJob,
  against: readonly OpponentName[],
  modules: OpponentModules | undefined,
): Promise<PageAnswer> {
  const openFresh = () => openGpu(navigator.gpu, { powerPreference: 'high-performance' });
  const gpu = await openFresh();
  const opponents = await Promise.all(against.map(async (name) => (await modules![name]!()).open(gpu)));
  const onNotice = (message: string) => void window.glocalNotice(message);
  const outcome = await runBench(job, { gpu, openFresh, opponents, clock: clock(), onNotice });
  gpu.destroy();
  return { outcome, traits: gpu.traits };
}

function clock(): Clock {
  const { glocalCpu } = window;
  return { wall: () => performance.now(), ...(glocalCpu && { cpu: () => glocalCpu() }) };
}
