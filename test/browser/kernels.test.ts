import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allCases } from '../kernels/all-cases';
import { hasBrowser, openPage, type TestPage } from '../support/page';

/**
 * Runs only every n-th case of large operators unless GLOCAL_ALL_CASES is set: Node runs them all, and SwiftShader
 * spends minutes compiling what it then runs instantly.
 */
const EVERY: Readonly<Record<string, number>> = {
  conv2d: 11,
  elementwise: 3,
  'batch-norm': 3,
  tiles: 13,
  bilateralModel: 3,
};

describe.skipIf(!hasBrowser())('kernels in headless Chrome', () => {
  let opened: TestPage;

  beforeAll(async () => {
    opened = await openPage(fileURLToPath(new URL('./kernels-page.ts', import.meta.url)));
    const { version, kind, software } = opened.chrome;
    console.log(`${version} (${kind}), WebGPU ${software ? 'in software' : 'on a GPU'}`);
  });

  afterAll(() => opened?.close());

  it('has the same cases as Node', async () => {
    const names = await opened.page.evaluate(() => window.caseNames);
    expect(names).toEqual(
      Object.entries(allCases).map(([operator, cases]) => [operator, cases.map(({ name }) => name)]),
    );
    expect(names.length).toBeGreaterThan(0);
  });

  describe.each(Object.entries(allCases))('%s', (operator, cases) => {
    const every = process.env.GLOCAL_ALL_CASES ? 1 : (EVERY[operator] ?? 1);
    const chosen = cases.map(({ name }, at) => ({ name, at })).filter(({ at }) => at % every === 0);
    it.each(chosen)('$name', async ({ at }) => {
      const failure = await opened.page.evaluate((...of) => window.runCase(...of), operator, at);
      if (failure) expect.fail(failure);
    });
  });
});
