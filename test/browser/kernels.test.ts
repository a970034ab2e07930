import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allCases } from '../kernels/all-cases';
import { hasBrowser, openPage, type TestPage } from '../support/page';

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
    expect(names).toEqual(allCases.map(({ name }) => name));
    expect(names.length).toBeGreaterThan(0);
  });

  it.each(allCases.map(({ name }, at) => ({ name, at })))('$name', async ({ at }) => {
    const failure = await opened.page.evaluate((index) => window.runCase(index), at);
    if (failure) expect.fail(failure);
  });
});
