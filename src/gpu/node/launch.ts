import { spawn } from 'node:child_process';
import { launchEnvironment } from './drivers';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs this same command again in a child that starts with the environment its driver needs, and ends with the
 * child's exit code or signal. Returns at once where nothing is needed, and in the child.
 */
export async function relaunchWithDriver(named?: string): Promise<void> {
  const environment = await launchEnvironment(named);
  if (Object.keys(environment).length === 0) return;
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  });
  // Ctrl-C reaches the child by itself, as it shares the terminal; the parent only has to outlive it.
  const inTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  for (const name of SIGNALS) {
    process.on(name, () => {
      if (name !== 'SIGINT' || !inTerminal) child.kill(name);
    });
  }
  const { code, signal } = await new Promise<{ code: number | null; signal: NodeJS.Signals | null }>(
    (resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve({ code, signal }));
    },
  );
  if (signal) {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  }
  process.exit(code ?? 1);
}
