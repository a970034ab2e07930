import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomically } from '../../atomic-file-node';
import { makeFolder } from '../../make-folder-node';
import { readRegularFileSync } from '../../read-file-node';
import { sharp } from '../../sharp-node';
import type { Preview } from '../job';

const FOLDER = 'previews';
const STEP = /^step-(\d+)\.webp$/;

/** The most strips a report shows between input and target. */
const SHOWN = 10;

const PARTS = ['input', 'output', 'target'] as const;

/** Images of several pairs, stacked vertically, as WebP. */
export type Strips = Readonly<Record<(typeof PARTS)[number], Buffer>>;

export async function encodePreviews(previews: readonly Preview[]): Promise<Strips> {
  const [input, output, target] = await Promise.all(PARTS.map((part) => strip(previews, part)));
  return { input: input!, output: output!, target: target! };
}

/** Writes `previews/step-N.webp` and, once, `input.webp` and `target.webp` beside it. */
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
  // Stacking images of one width is concatenating their bytes.
  const raw = { width: size, height: size * previews.length, channels: 3 } as const;
  return sharp(Buffer.concat(previews.map((preview) => preview[part])), { raw })
    .webp({ quality: 85 })
    .toBuffer();
}

/** A run's strips up to `step` as data URIs; a selection if there are many. */
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

/** `count` items, evenly spaced, including the first and the last. */
const spread = (items: readonly number[], count: number): number[] =>
  Array.from({ length: count }, (_, i) => items[Math.round((i * (items.length - 1)) / (count - 1))]!);
