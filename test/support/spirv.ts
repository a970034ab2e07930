/** Cost of one iteration of a loop, including the functions it calls. */
export interface LoopCost {
  /** Number of clamped indices. */
  readonly clamps: number;
  readonly multiplyAdds: number;
}

type Blocks = ReadonlyMap<string, readonly string[]>;

/** Blocks by label, in order. */
interface SpirvFunction {
  readonly entry: string;
  readonly blocks: Blocks;
}

/** Innermost loops of a disassembled SPIR-V module; constant branches are followed one way only. */
export function innermostLoops(disassembly: string): LoopCost[] {
  const functions = parse(disassembly);
  const loops: LoopCost[] = [];
  for (const { blocks } of functions.values()) {
    for (const [header, lines] of blocks) {
      const merge = /OpLoopMerge (%\S+)/.exec(lines.join('\n'))?.[1];
      if (merge === undefined) continue;
      const body = reached(blocks, header, merge);
      const inside = body.filter((label) => label !== header);
      const cost = costOf(functions, blocks, body);
      const hasLoop = inside.some((label) => blocks.get(label)!.some((line) => line.includes('OpLoopMerge')));
      if (!hasLoop && !cost.hasLoop) loops.push({ clamps: cost.clamps, multiplyAdds: cost.multiplyAdds });
    }
  }
  return loops;
}

function parse(disassembly: string): ReadonlyMap<string, SpirvFunction> {
  const functions = new Map<string, SpirvFunction>();
  for (const [, name, text] of disassembly.matchAll(/^ *(%\S+) = OpFunction ([\s\S]*?)OpFunctionEnd/gm)) {
    const [, ...parts] = text!.split(/^ *(%\S+) = OpLabel$/m);
    const blocks = new Map<string, string[]>();
    for (let at = 0; at < parts.length; at += 2) blocks.set(parts[at]!, parts[at + 1]!.split('\n'));
    functions.set(name!, { entry: parts[0]!, blocks });
  }
  return functions;
}

/** The blocks reachable from one, up to another. */
function reached(blocks: Blocks, from: string, end?: string): string[] {
  const found = new Set<string>();
  const waiting = [from];
  for (let label = waiting.pop(); label !== undefined; label = waiting.pop()) {
    if (label === end || found.has(label)) continue;
    found.add(label);
    for (const line of blocks.get(label)!) waiting.push(...targets(line));
  }
  return [...found];
}

function targets(line: string): readonly string[] {
  const [, condition, yes, no] = /OpBranchConditional (\S+) (%\S+) (%\S+)/.exec(line) ?? [];
  if (condition === '%true') return [yes!];
  if (condition === '%false') return [no!];
  if (condition !== undefined) return [yes!, no!];
  const [, next] = /OpBranch (%\S+)/.exec(line) ?? [];
  if (next !== undefined) return [next];
  return /OpSwitch/.test(line) ? [...line.matchAll(/%\S+/g)].slice(1).map(([label]) => label) : [];
}

function costOf(functions: ReadonlyMap<string, SpirvFunction>, blocks: Blocks, labels: readonly string[]) {
  const cost = { clamps: 0, multiplyAdds: 0, hasLoop: false };
  for (const line of labels.flatMap((label) => blocks.get(label)!)) {
    if (/OpExtInst .* (UMin|SMin|UClamp|SClamp) /.test(line)) cost.clamps++;
    if (/OpExtInst .* Fma /.test(line)) cost.multiplyAdds++;
    const called = functions.get(/OpFunctionCall %\S+ (%\S+)/.exec(line)?.[1] ?? '');
    if (!called) continue;
    const inner = costOf(functions, called.blocks, reached(called.blocks, called.entry));
    cost.clamps += inner.clamps;
    cost.multiplyAdds += inner.multiplyAdds;
    cost.hasLoop ||=
      inner.hasLoop || [...called.blocks.values()].flat().some((text) => /OpLoopMerge/.test(text));
  }
  return cost;
}
