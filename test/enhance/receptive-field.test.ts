import { describe, expect, it } from 'vitest';
import { dependsOn, haloOf, type LocalPath, localPath } from '../../src/enhance/receptive-field';
import { networkConfig } from '../../src/model/config';

/** Which outputs an input pixel can change, by propagating marks forward through the layers. */
function reached(input: number, size: number, { encoder, decoder }: LocalPath): boolean[] {
  const spread = (marks: boolean[], radius: number) =>
    marks.map((_, i) => marks.slice(Math.max(0, i - radius), i + radius + 1).some(Boolean));
  const pool = (marks: boolean[]) =>
    Array.from({ length: marks.length / 2 }, (_, i) => marks[2 * i]! || marks[2 * i + 1]!);
  const transposed = (marks: boolean[]) => {
    const out = new Array<boolean>(2 * marks.length).fill(false);
    marks.forEach((mark, i) => {
      for (let k = 0; k < 4; k++) {
        const o = 2 * i - 1 + k;
        if (mark && o >= 0 && o < out.length) out[o] = true;
      }
    });
    return out;
  };
  let marks = Array.from({ length: size }, (_, i) => i === input);
  const skips: boolean[][] = [];
  encoder.forEach((radius, level) => {
    marks = spread(level > 0 ? pool(marks) : marks, radius);
    skips.push(marks);
  });
  for (let level = decoder.length - 1; level >= 0; level--) {
    const up = transposed(marks);
    marks = spread(
      up.map((mark, i) => mark || skips[level]![i]!),
      decoder[level]!,
    );
  }
  return marks;
}

describe('dependsOn', () => {
  it.each(['P', 'A', 'C'] as const)(
    'is exact for join %s: it names the outermost inputs, and no more',
    (join) => {
      for (const outputKernel of [1, 3]) {
        const path = localPath(networkConfig({ width: 4, globalWidth: 4, join, outputKernel }));
        const size = 512;
        const influence = Array.from({ length: size }, (_, input) => reached(input, size, path));
        for (const [start, end] of [
          [240, 241],
          [249, 250],
          [255, 256],
          [240, 272],
        ] as const) {
          const inputs = influence.flatMap((marks, i) => (marks.slice(start, end).some(Boolean) ? [i] : []));
          expect(dependsOn({ start, end }, path)).toEqual({ start: inputs[0], end: inputs.at(-1)! + 1 });
        }
      }
    },
  );

  it('gives the paper a radius of 110 pixels around an aligned tile', () => {
    const config = networkConfig();
    expect(dependsOn({ start: 0, end: 16 }, localPath(config))).toEqual({ start: -110, end: 126 });
    expect(haloOf(config)).toBe(112);
  });
});
