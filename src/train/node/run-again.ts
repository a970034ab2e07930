import { spawn } from 'node:child_process';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** How a child ended. */
export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** A signal to end reached this process and was passed on. */
  readonly asked: boolean;
}

/**
 * Runs this same command in a child process and waits for its end. Passes on termination signals.
 *
 * @param environment additional environment variables.
 * @param options `extra`: additional arguments; `onMessage`: receives messages from the child, over a channel that
 * also lets the child notice when this process is gone.
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
  // The child shares the terminal, so Ctrl-C reaches it directly; the parent only has to outlive it.
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
      // `close` comes after the child's last messages; `exit` may come before.
      child.once('close', (code, signal) => resolve({ code, signal, asked }));
    });
  } finally {
    for (const name of SIGNALS) process.off(name, handOn);
  }
}

/** Ends this process the same way its child ended. */
export function endAs({ code, signal }: ChildEnd): never {
  if (signal) process.kill(process.pid, signal);
  process.exit(code ?? 1);
}
