import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Graph, Program } from '../../src/graph';
import { drhtConfig } from '../../src/model/drht/config';
import { buildDrhtToneMapper } from '../../src/model/drht/network';
import { openTestGpu } from '../support/gpu';
import { FORMULA_SIDE, formulaLayers, formulaLight } from './drht-formula';

async function toneMap(width: number): Promise<Float32Array> {
  const config = drhtConfig({ width });
  const graph = new Graph();
  const light = graph.input('light', [1, 3, FORMULA_SIDE, FORMULA_SIDE]);
  const { output } = buildDrhtToneMapper(graph, light, config);
  const program = await Program.compile(await openTestGpu(), graph, { fetch: [output] });
  for (const { layer, weight } of formulaLayers(config)) program.write(`${layer.name}.weight`, weight.data);
  program.write('light', formulaLight().data);
  program.run();
  const result = await program.read(output);
  program.destroy();
  return result;
}

const GOLDEN = new URL('../../../shared/reference/golden/golden.json', import.meta.url);

interface DrhtGolden {
  readonly mean: number;
  readonly std: number;
  readonly samples_yxc: readonly [number, number, number, number][];
}

test.skipIf(!existsSync(GOLDEN)).each([8, 64])('golden width %d', async (width) => {
  const golden = JSON.parse(readFileSync(GOLDEN, 'utf8')).drht_formula_weights[
    `width_div_${64 / width}`
  ] as DrhtGolden;
  const output = await toneMap(width);
  for (const [y, x, c, value] of golden.samples_yxc) {
    const got = output[(c * FORMULA_SIDE + y) * FORMULA_SIDE + x];
    expect(Math.abs(got! - value)).toBeLessThan(1e-3);
  }
});
