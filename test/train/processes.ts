import { execFileSync, spawnSync } from 'node:child_process';

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** Warns and returns false without ps, which finds the processes. */
export function hasPs(): boolean {
  if (spawnSync('ps', ['-A']).status === 0) return true;
  console.error('SKIPPED: this machine has no ps. The tests that kill processes of the browser did not run.');
  return false;
}

/** All descendants of a process. */
export function descendants(root: number): Process[] {
  const listing = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,ppid=,command='], { encoding: 'utf8' });
  const all = listing.split('\n').flatMap((line): Process[] => {
    const match = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line);
    return match ? [{ pid: Number(match[1]), parent: Number(match[2]), command: match[3]! }] : [];
  });
  const found = [root];
  for (const pid of found) found.push(...all.filter(({ parent }) => parent === pid).map(({ pid }) => pid));
  return all.filter(({ pid }) => pid !== root && found.includes(pid));
}

/** `browser` is the main process; the others are Chrome's names. */
export type BrowserProcess = 'browser' | 'renderer' | 'gpu-process';

/** The browser's processes below `root`, without its forks, which look like it until they exec. */
export function browserProcesses(root: number, kind: BrowserProcess): number[] {
  const found = descendants(root)
    .filter(({ command }) => /chrom|headless_shell|msedge/i.test(command))
    .filter(({ command }) =>
      kind === 'browser'
        ? command.includes('--remote-debugging-pipe') && !command.includes('--type=')
        : command.includes(`--type=${kind}`),
    );
  return found.filter(({ parent }) => !found.some(({ pid }) => pid === parent)).map(({ pid }) => pid);
}
