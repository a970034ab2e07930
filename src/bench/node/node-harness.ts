import { InputError } from '../../errors';
import { installWebGpuGlobals } from '../../gpu/node/dawn';
import { driverOfProcess } from '../../gpu/node/drivers';
import { openTunedGpu } from '../../kernels/node/tuned';
import { policyFor } from '../../kernels/policy';
import { policyOf } from '../../kernels/tuned-gpu';
import type { OpenOpponent, OpponentName } from '../opponent';
import type { Clock } from '../race';
import type { Environment } from '../results';
import { type BenchJob, type BenchOutcome, runBench } from '../run';
import { describeEnvironment } from './environment';
import { loadOpponents, requireOpponents } from './opponents';

/** The result of a harness. */
export interface Harnessed extends BenchOutcome {
  readonly environment: Environment;
}

/** Drivers cache compiled shaders on disk, which a cold start must not use. Read when a driver is loaded. */
const NO_DRIVER_CACHE = { MESA_SHADER_CACHE_DISABLE: 'true', __GL_SHADER_DISK_CACHE: '0' };

/** Times of this process, in which Dawn's software adapters compute. */
export const clock: Clock = {
  wall: () => performance.now(),
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
};

/** Measures in this process, on Dawn. */
export async function benchInNode(
  job: BenchJob,
  against: readonly OpponentName[],
  onNotice: (message: string) => void,
): Promise<Harnessed> {
  if (job.cold) Object.assign(process.env, NO_DRIVER_CACHE);
  const opponents = await openers(against);
  const gpu = await openTunedGpu();
  try {
    const { driver } = await driverOfProcess();
    const tuned = JSON.stringify(policyOf(gpu)) !== JSON.stringify(policyFor(gpu.traits));
    const environment = describeEnvironment(gpu.traits, {
      driver,
      runtime: `Node ${process.version}`,
      kernels: tuned ? 'tuned' : 'as shipped',
    });
    const outcome = await runBench(job, {
      gpu,
      openFresh: () => openTunedGpu(),
      opponents: await Promise.all(opponents.map((open) => open(gpu))),
      clock,
      onNotice,
    });
    return { ...outcome, environment };
  } finally {
    gpu.destroy();
  }
}

async function openers(against: readonly OpponentName[]): Promise<readonly OpenOpponent[]> {
  if (against.length === 0) return [];
  if (against.includes('ort')) {
    throw new InputError(
      'ort (ONNX Runtime Web) computes by WebGPU in browsers only. Leave it out, or use --runtime chrome.',
    );
  }
  const clone = requireOpponents(against);
  await installWebGpuGlobals();
  return loadOpponents(clone, against);
}
