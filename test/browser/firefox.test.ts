import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allCases } from '../kernels/all-cases';
import { type FirefoxPage, findFirefox, openFirefoxPage } from '../support/firefox';
import { openTestGpu } from '../support/gpu';
import { hasBrowser, openPage } from '../support/page';
import { expectClose } from '../tolerance';
import { type NetworkRun, runNetwork } from './implementations';
import { samplePositions } from './sample';

const PAGE = fileURLToPath(new URL('./kernels-page.ts', import.meta.url));
const firefox = findFirefox();

describe.skipIf(!firefox)('headless Firefox', () => {
  let opened: FirefoxPage;

  beforeAll(async () => {
    opened = await openFirefoxPage(firefox!, PAGE);
  });

  afterAll(() => opened?.close());

  it('compiles every shader', async () => {
    const { taken, refused, skipped } = await opened.page.evaluate(() => window.compileShaders());
    console.log(`${opened.version}: ${taken.length} shaders; not compiled for want of features: ${skipped}`);
    expect(refused).toEqual([]);
    expect(taken.length).toBeGreaterThan(20);
  });

  it('computes the network as Dawn in Node and Chrome do', async () => {
    const mine = await runNetwork(await openTestGpu());
    const others: Record<string, NetworkRun> = {
      [opened.version]: await opened.page.evaluate(() => window.runNetwork()),
    };
    if (hasBrowser()) {
      const chrome = await openPage(PAGE);
      others[chrome.chrome.version] = await chrome.page.evaluate(() => window.runNetwork());
      await chrome.close();
    }
    for (const [name, run] of Object.entries(others)) compare(name, run, mine);
  });

  // All cases of an operator at once: individually, most time would go into waiting for Firefox.
  it.each(Object.entries(allCases))('%s: the kernels agree with the oracle', async (operator, cases) => {
    expect(cases.length).toBeGreaterThan(0);
    const positions = samplePositions(cases.length, MOST[operator] ?? 1);
    expect(await opened.page.evaluate((...of) => window.runCases(...of), operator, positions)).toEqual([]);
  });
});

/** Cases to run of each subject: a few show whether another compiler handles the same kernels. */
const MOST: Readonly<Record<string, number>> = { conv2d: 6, elementwise: 6 };

/** Twenty layers, each a sum over at most 9 x 128 products. */
const NETWORK_REDUCTION = 20 * 9 * 128;

/** Throws unless the two runs agree as far as rounding allows. */
function compare(name: string, run: NetworkRun, mine: NetworkRun): void {
  const largest = mine.output.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const worst = run.output.reduce((most, v, i) => Math.max(most, Math.abs(v - mine.output[i]!)), 0);
  console.log(
    `${name} (${run.adapter}) against Node (${mine.adapter}): image off by ${(worst / largest).toExponential(1)} ` +
      `of its largest value, loss by ${(Math.abs(run.loss / mine.loss - 1)).toExponential(1)}`,
  );
  expect(largest).toBeGreaterThan(0.1);
  expectClose(run.output, mine.output, { name: `${name}: image`, reduction: NETWORK_REDUCTION });
  expectClose([run.loss], [mine.loss], { name: `${name}: loss`, reduction: NETWORK_REDUCTION });
}
