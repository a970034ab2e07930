import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomically } from '../../atomic-file-node';
import { makeFolder } from '../../make-folder-node';
import { readRegularFileSync } from '../../read-file-node';
import { sharp } from '../../sharp-node';
import type { Preview } from '../run';

const FOLDER = 'previews';
const STEP = /^step-(\d+)\.webp$/;

/** Strips that a report shows at most, between input and target. */
const SHOWN = 10;

const PARTS = ['input', 'output', 'target'] as const;

/** Images of some pairs, one above the other, as WebP. */
export type Strips = Readonly<Record<(typeof PARTS)[number], Buffer>>;

export async function encodePreviews(previews: readonly Preview[]): Promise<Strips> {
  const [input, output, target] = await Promise.all(PARTS.map((part) => strip(previews, part)));
  return { input: input!, output: output!, target: target! };
}

/** Writes `previews/step-N.webp`, and beside it, once, `input.webp` and `target.webp`. */
export function writePreviews(run: string, step: number, { input, output, target }: Strips): void {
  const folder = join(run, FOLDER);
  makeFolder(folder);
  for (const [name, bytes] of [
    ['input.webp', input],
    ['target.webp', target],
  ] as const) {
    if (!existsSync(join(folder, name))) writeFileAtomically(join(folder, name), bytes);
  }
  writeFileAtomically(join(folder, nameOf(step)), output);
}

const nameOf = (step: number): string => `step-${String(step).padStart(7, '0')}.webp`;

function strip(previews: readonly Preview[], part: (typeof PARTS)[number]): Promise<Buffer> {
  const { size } = previews[0]!;
  // Images of one width below each other are their bytes one after the other.
  const raw = { width: size, height: size * previews.length, channels: 3 } as const;
  return sharp(Buffer.concat(previews.map((preview) => preview[part])), { raw })
    .webp({ quality: 85 })
    .toBuffer();
}

/** The strips of a run up to `step`, some of them if there are many, as data URIs. */
export function readPreviews(run: string, step: number): { title: string; uri: string }[] {
  const folder = join(run, FOLDER);
  if (!existsSync(folder)) return [];
  const steps = readdirSync(folder)
    .flatMap((name) => STEP.exec(name)?.[1] ?? [])
    .map(Number)
    .filter((made) => made <= step)
    .sort((a, b) => a - b);
  const some = steps.length <= SHOWN ? steps : spread(steps, SHOWN);
  const uri = (name: string) =>
    `data:image/webp;base64,${readRegularFileSync(join(folder, name)).toString('base64')}`;
  return [
    { title: 'input', uri: uri('input.webp') },
    ...some.map((made) => ({ title: `step ${made}`, uri: uri(nameOf(made)) })),
    { title: 'target', uri: uri('target.webp') },
  ];
}

/** `count` of the items, evenly, the first and the last among them. */
const spread = (items: readonly number[], count: number): number[] =>
  Array.from({ length: count }, (_, i) => items[Math.round((i * (items.length - 1)) / (count - 1))]!);
