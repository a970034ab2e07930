import { setTimeout as sleep } from 'node:timers/promises';
import { type ChildEnd, endAs, runAgain } from './run-again';
import { RunFolder } from './run-folder';

/** Set for the training process: the number of restarts since the last new checkpoint. */
const MARK = 'GLOCAL_RESTARTS';

/** Sent by the training process before it ends for a reason that a new process may not meet. */
interface Lost {
  /** The reason, as a sentence. */
  readonly lost: string;
}

interface Supervision {
  readonly out: string;
  readonly resume: boolean;
  /** The run is given up after this many restarts without a new checkpoint. */
  readonly restarts: number;
}

/**
 * Runs this same command in a child process, and restarts it from its last checkpoint if the browser, the device or
 * the child itself is lost. This process only waits, so nothing that breaks the training can break it. Ends with the
 * child's exit code or signal; in the child, returns at once.
 */
export async function superviseTraining({ out, resume, restarts }: Supervision): Promise<void> {
  if (process.env[MARK]) return;
  const folder = new RunFolder(out);
  // Without --resume an existing run must still be refused.
  const mayResume = !resume && folder.record() === undefined;
  let reached = folder.newestStep() ?? 0;
  for (let vain = 0; ; ) {
    const extra = mayResume && folder.record() ? ['--resume'] : [];
    const reason = await runOnce({ [MARK]: String(vain) }, extra);
    const step = folder.newestStep() ?? 0;
    if (step > reached) vain = 0;
    reached = step;
    if (vain++ === restarts) giveUp(reason, out, step, restarts);
    process.stderr.write(`${reason} Continuing after step ${step} (restart ${vain} of ${restarts}).\n`);
    // A driver that is resetting its device needs time.
    await sleep(1000 * (vain - 1));
  }
}

/** In the child: whether it was restarted after a loss. */
export const isRestarted = (): boolean => Number(process.env[MARK] ?? 0) > 0;

/** In the child: tells the parent why it is ending. False if no parent is listening. */
export function tellSupervisor(lost: string): Promise<boolean> {
  return new Promise((resolve) => {
    if (!process.send || !process.connected) resolve(false);
    else process.send({ lost } satisfies Lost, undefined, {}, (error) => resolve(error === null));
  });
}

/** Returns the reason to restart the child; otherwise ends this process along with it. */
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

/** A driver crash, out of memory, or `kill -9`, as opposed to a request to end. */
function killed({ signal }: ChildEnd): string | undefined {
  if (signal === null || signal === 'SIGINT' || signal === 'SIGTERM' || signal === 'SIGHUP') return undefined;
  return `The training process was ended by ${signal}.`;
}

function giveUp(reason: string, out: string, step: number, restarts: number): never {
  const tried =
    restarts === 0 ? '' : ` ${restarts} restarts did not get past step ${step}, so the run ends here.`;
  process.stderr.write(`glocal: ${reason}${tried} Continue with: glocal train --out ${out} --resume\n`);
  process.exit(1);
}
