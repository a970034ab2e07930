import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allCases } from '../kernels/all-cases';
import { hasBrowser, openPage, type TestPage } from '../support/page';
import { samplePositions } from './sample';

/** Cases to run of each subject; Node runs all of an operator, on the same adapter. */
const MOST: Readonly<Record<string, number>> = {
  conv2d: 6,
  elementwise: 6,
  tiles: 1,
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
    const chosen = samplePositions(cases.length, MOST[operator] ?? 2).map((at) => ({
      at,
      name: cases[at]!.name,
    }));
    it.each(chosen)('$name', async ({ at }) => {
      const failure = await opened.page.evaluate((...of) => window.runCase(...of), operator, at);
      if (failure) expect.fail(failure);
    });
  });
});
