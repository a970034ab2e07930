import { afterAll, describe, test } from 'vitest';
import { findBundle } from '../../src/gpu/node/bundled';
import { openNodeGpu } from '../../src/gpu/node/dawn';
import { samplePositions } from '../browser/sample';
import { allCases } from './all-cases';

/** Cases of each subject on the machine's own adapter if all run on SwiftShader. */
const SAMPLE = 1;

/** Cases with photos of random sizes, and how many of them to take. */
const RANDOM = /^tiles of \d+ x/;
const RANDOM_SAMPLE = 7;

/** A case that takes longer to compute than to compile. */
const COMPUTES = /, width 16,/;

const own = await openNodeGpu();
/** lavapipe: its compiler takes up to four seconds for a kernel that then runs once, several times SwiftShader's. */
const isSlow = own.traits.isSoftware && process.env.GLOCAL_DRIVER === 'system';
const quick = isSlow && findBundle() && !process.env.GLOCAL_ALL_CASES ? await openSwiftShader() : null;
afterAll(() => {
  own.destroy();
  quick?.destroy();
});

async function openSwiftShader() {
  process.env.GLOCAL_DRIVER = 'swiftshader';
  return openNodeGpu();
}

// Not `test.each`, which shortens names.
describe.each(Object.entries(allCases))('%s', (_, cases) => {
  const random = cases.filter(({ name }) => RANDOM.test(name));
  const chosen = samplePositions(random.length, RANDOM_SAMPLE).map((at) => random[at]);
  const meant = cases.filter((one) => !random.includes(one) || chosen.includes(one));
  for (const { name, run } of meant) test(name, () => run(COMPUTES.test(name) ? own : (quick ?? own)));
  for (const at of quick ? samplePositions(cases.length, SAMPLE) : []) {
    const { name, run } = cases[at]!;
    test(`on lavapipe too: ${name}`, () => run(own));
  }
});
