import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files of more than about 20 seconds, the slowest first. */
const SLOW = [
  'kernels/kernels',
  'app/page',
  'browser/firefox',
  'browser/kernels',
  'train/chrome-faults',
  'app/adapters',
  'app/training',
  'pins/pins',
  'app/screenshot',
  'train/train-command',
  'train/faults',
  'cli/evaluate',
  'train/chrome',
  'gpu/compatibility',
  'enhance/api-examples',
  'cli/enhance',
  'bench/bench-command',
  'app/deployment',
  'bench/tune-network',
  'onnx/export',
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
