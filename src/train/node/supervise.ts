import { setTimeout as sleep } from 'node:timers/promises';
import { type ChildEnd, endAs, runAgain } from './run-again';
import { RunFolder } from './run-folder';

/** Set for the process that trains: how often it was started again since the last new checkpoint. */
const MARK = 'GLOCAL_RESTARTS';

/** What the training process sends before it ends because of something that a new process may not suffer from. */
interface Lost {
  /** What happened, in a sentence. */
  readonly lost: string;
}

export interface Supervision {
  readonly out: string;
  readonly resume: boolean;
  /** Restarts without a new checkpoint in between after which the run is given up. */
  readonly restarts: number;
}

/**
 * Runs this same command in a child, and again from its last checkpoint when browser, device or child are lost.
 * This process only waits, so that nothing that breaks a training can break it. Ends with the child's exit code or
 * signal; returns at once in the child.
 */
export async function superviseTraining({ out, resume, restarts }: Supervision): Promise<void> {
  if (process.env[MARK]) return;
  const folder = new RunFolder(out);
  // Without --resume a run that is there already is refused, and must stay so.
  const mayResume = !resume && folder.record() === undefined;
  let reached = folder.newestStep() ?? 0;
  for (let vain = 0; ; ) {
    const extra = mayResume && folder.record() ? ['--resume'] : [];
    const reason = await runOnce({ [MARK]: String(vain) }, extra);
    const step = folder.newestStep() ?? 0;
    if (step > reached) vain = 0;
    reached = step;
    if (vain++ === restarts) giveUp(reason, out, step, restarts);
    process.stderr.write(`${reason} Going on after step ${step} (restart ${vain} of ${restarts}).\n`);
    // A driver that resets its device needs a while.
    await sleep(1000 * (vain - 1));
  }
}

/** In the child: whether it was started again after something was lost. */
export const isRestarted = (): boolean => Number(process.env[MARK] ?? 0) > 0;

/** In the child: tells its parent why it ends. False where no parent listens. */
export function tellSupervisor(lost: string): Promise<boolean> {
  return new Promise((resolve) => {
    if (!process.send || !process.connected) resolve(false);
    else process.send({ lost } satisfies Lost, undefined, {}, (error) => resolve(error === null));
  });
}

/** Returns why the child is to be started again; else this process ends with it. */
async function runOnce(
  environment: Readonly<Record<string, string>>,
  extra: readonly string[],
): Promise<string> {
  let lost: string | undefined;
  const end = await runAgain(environment, {
    extra,
    onMessage: (message) => {
      ({ lost } = message as Lost);
    },
  });
  const reason = lost ?? killed(end);
  if (reason === undefined || end.asked) {
    if (lost !== undefined) process.stderr.write(`glocal: ${lost}\n`);
    endAs(end);
  }
  return /[.!?]$/.test(reason) ? reason : `${reason}.`;
}

/** A crash of the driver, no memory left, a `kill -9`; not a request to end. */
function killed({ signal }: ChildEnd): string | undefined {
  if (signal === null || signal === 'SIGINT' || signal === 'SIGTERM' || signal === 'SIGHUP') return undefined;
  return `The process that trained was ended by ${signal}.`;
}

function giveUp(reason: string, out: string, step: number, restarts: number): never {
  const tried =
    restarts === 0 ? '' : ` ${restarts} restarts came no further than step ${step}, so the run ends here.`;
  process.stderr.write(`glocal: ${reason}${tried} Go on with: glocal train --out ${out} --resume\n`);
  process.exit(1);
}
