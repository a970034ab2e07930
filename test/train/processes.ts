import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** All processes that stem from one, its own left out. */
export function descendants(root: number): Process[] {
  // A bare Linux has no ps.
  const all = existsSync('/proc/self/stat') ? listedByKernel() : listedByPs();
  const found = [root];
  for (const pid of found) found.push(...all.filter(({ parent }) => parent === pid).map(({ pid }) => pid));
  return all.filter(({ pid }) => pid !== root && found.includes(pid));
}

/** `browser` is the main process; the others are Chrome's names. */
export type BrowserProcess = 'browser' | 'renderer' | 'gpu-process';

/** The processes of a browser below `root`. */
export function browserProcesses(root: number, kind: BrowserProcess): number[] {
  const browsers = descendants(root).filter(({ command }) => /chrom|headless_shell|msedge/i.test(command));
  if (kind !== 'browser') {
    return browsers.filter(({ command }) => command.includes(`--type=${kind}`)).map(({ pid }) => pid);
  }
  const main = browsers.filter(
    ({ command }) => command.includes('--remote-debugging-pipe') && !command.includes('--type='),
  );
  // A start script forks for a moment: its forks have its command line and it as their parent.
  return main.filter(({ parent }) => !main.some(({ pid }) => pid === parent)).map(({ pid }) => pid);
}

function listedByKernel(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name): Process[] => {
      try {
        // The command in brackets may hold anything; state and parent follow it.
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return [{ pid: Number(name), parent, command }];
      } catch {
        return []; // It has ended meanwhile.
      }
    });
}

function listedByPs(): Process[] {
  const listing = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,ppid=,command='], { encoding: 'utf8' });
  return listing.split('\n').flatMap((line): Process[] => {
    const match = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line);
    return match ? [{ pid: Number(match[1]), parent: Number(match[2]), command: match[3]! }] : [];
  });
}
