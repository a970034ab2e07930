import { afterAll, beforeAll, describe, test } from 'vitest';
import { openNodeGpu } from '../../src/gpu/node/dawn';
import type { Gpu } from '../../src/gpu/types';
import { allCases } from './all-cases';

let gpu: Gpu;
beforeAll(async () => {
  gpu = await openNodeGpu();
});
afterAll(() => gpu?.destroy());

describe.each(Object.entries(allCases))('%s', (_, cases) => {
  // Not `test.each`, which shortens names.
  for (const { name, run } of cases) test(name, () => run(gpu));
});
