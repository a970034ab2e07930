import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks per second in /proc, which Linux fixes for all programs. */
const TICKS = 100;

/** Processor milliseconds used so far by a process and all its descendants, in steps of 10; null without /proc. */
export function processorTimeOfTree(root: number): number | null {
  if (process.platform !== 'linux') return null;
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap(readStat);
  const tree = new Set([root]);
  // Children start after their parents, but numbers may wrap, so this repeats until nothing is added.
  for (let size = 0; size !== tree.size; ) {
    size = tree.size;
    for (const { id, parent } of processes) if (tree.has(parent)) tree.add(id);
  }
  const ticks = processes.reduce((sum, { id, ticks }) => sum + (tree.has(id) ? ticks : 0), 0);
  return (ticks * 1000) / TICKS;
}

/** Undefined for a process that has just ended. */
function readStat(name: string): { id: number; parent: number; ticks: number }[] {
  try {
    const text = readFileSync(`/proc/${name}/stat`, 'utf8');
    // The program name, in parentheses, may contain anything. After it: state, parent, ..., user and system time.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return [{ id: Number(name), parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) }];
  } catch {
    return [];
  }
}
