import { describe, it } from 'vitest';
import { networkConfig } from '../../src/model';
import { openTestGpu } from '../support/gpu';
import { checkExactTiles, checkHalo, randomPhotos } from './exact-tiles.cases';

// Some of these run in Chrome too: test/kernels/all-cases.ts.
describe('exact tiles', () => {
  it.each(randomPhotos(20, 'Node'))(
    '$width x $height, width $config.width: tiles of three sizes give the bits of the whole',
    async (photo) => checkExactTiles(await openTestGpu(), photo),
  );

  it.each(['P', 'A', 'C'] as const)('join %s: a halo one pixel short breaks equality', async (join) => {
    const config = networkConfig({ width: 4, globalWidth: 4, globalSize: 32, join });
    await checkHalo(await openTestGpu(), config);
  });
});
