import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second in /proc, which Linux fixes for all programs. */
const TICKS = 100;

/**
 * Processor milliseconds that a process and all its children have used so far, in steps of 10; null where there
 * is no /proc.
 */
export function processorTimeOfTree(root: number): number | null {
  if (process.platform !== 'linux') return null;
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap(readStat);
  const tree = new Set([root]);
  // Children have been started after their parents, but numbers may wrap: go round until nothing is added.
  for (let size = 0; size !== tree.size; ) {
    size = tree.size;
    for (const { id, parent } of processes) if (tree.has(parent)) tree.add(id);
  }
  const ticks = processes.reduce((sum, { id, ticks }) => sum + (tree.has(id) ? ticks : 0), 0);
  return (ticks * 1000) / TICKS;
}

/** Nothing for a process that has just ended. */
function readStat(name: string): { id: number; parent: number; ticks: number }[] {
  try {
    const text = readFileSync(`/proc/${name}/stat`, 'utf8');
    // The program's name, in brackets, may hold anything. Behind it: state, parent, ..., user and system time.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return [{ id: Number(name), parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) }];
  } catch {
    return [];
  }
}
