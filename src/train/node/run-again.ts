import { spawn } from 'node:child_process';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** How a child ended. */
export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** A signal to end reached this process, and by it the child. */
  readonly asked: boolean;
}

/**
 * Runs this same command in a child and waits for its end. Signals to end are passed on.
 *
 * @param environment variables beside those of this process.
 * @param options `extra`: arguments behind those of this process; `onMessage`: receives what the child sends, over a
 * channel that also tells the child when this process is gone.
 */
export async function runAgain(
  environment: Readonly<Record<string, string>>,
  options: { readonly extra?: readonly string[]; readonly onMessage?: (message: unknown) => void } = {},
): Promise<ChildEnd> {
  const { extra = [], onMessage } = options;
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1), ...extra], {
    stdio: ['inherit', 'inherit', 'inherit', ...(onMessage ? (['ipc'] as const) : [])],
    env: { ...process.env, ...environment },
  });
  if (onMessage) child.on('message', onMessage);
  // Ctrl-C reaches the child by itself, as it shares the terminal; the parent only has to outlive it.
  const inTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  let asked = false;
  const handOn = (name: NodeJS.Signals) => {
    asked = true;
    if (name !== 'SIGINT' || !inTerminal) child.kill(name);
  };
  for (const name of SIGNALS) process.on(name, handOn);
  try {
    return await new Promise<ChildEnd>((resolve, reject) => {
      child.once('error', reject);
      // Not `exit`: what the child sent last comes before `close`.
      child.once('close', (code, signal) => resolve({ code, signal, asked }));
    });
  } finally {
    for (const name of SIGNALS) process.off(name, handOn);
  }
}

/** Ends this process as its child ended. */
export function endAs({ code, signal }: ChildEnd): never {
  if (signal) process.kill(process.pid, signal);
  process.exit(code ?? 1);
}
