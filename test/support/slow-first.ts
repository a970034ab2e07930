import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files of more than about 15 seconds, the slowest first. */
const SLOW = [
  'app/page',
  'kernels/kernels',
  'app/adapters',
  'app/training',
  'browser/firefox',
  'train/chrome-faults',
  'app/screenshot',
  'pins/pins',
  'gpu/compatibility',
  'train/train-command',
  'cli/evaluate',
  'cli/enhance',
  'train/chrome',
  'train/faults',
  'bench/bench-command',
  'cli/eval-commands',
  'browser/kernels',
  'enhance/api-examples',
  'bench/tune-network',
  'enhance/sources',
];

/** Starts slow files first, so that none is left to run alone at the end. */
export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = SLOW.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
      return at < 0 ? SLOW.length : at;
    };
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => rank(a) - rank(b));
  }
}
