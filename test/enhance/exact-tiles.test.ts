import { describe, it } from 'vitest';
import { networkConfig } from '../../src/model';
import { openTestGpu } from '../support/gpu';
import { checkHalo } from './exact-tiles.cases';

// Tiles of random sizes, in Node and Chrome: `exact-tiles.cases.ts`.
describe('the halo of exact tiles', () => {
  it.each(['P', 'A', 'C'] as const)('join %s: one pixel less breaks equality', async (join) => {
    const config = networkConfig({ width: 4, globalWidth: 4, globalSize: 32, join });
    await checkHalo(await openTestGpu(), config);
  });
});
