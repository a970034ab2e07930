import { afterEach, expect, test, vi } from 'vitest';
import { EnhancerService } from '../../src/app/enhancer-service';
import type { Progress } from '../../src/app/protocol';
import { Enhancer } from '../../src/enhance/enhancer';
import type { RunOptions } from '../../src/enhance/enhancer-options';
import { AbortError } from '../../src/errors';

const model = (name: string) => new File([name], `${name}.safetensors`, { lastModified: 0 });
const recipe = (name: string) => ({ model: model(name), finish: false, keepHue: false });
const photo = {
  data: new Uint8ClampedArray(4),
  width: 1,
  height: 1,
  colorSpace: 'srgb',
} as unknown as ImageData;
const options = (signal = new AbortController().signal) => ({ signal, onProgress: () => {} });
const later = () => new Promise((resolve) => setTimeout(resolve, 5));

/** Enhancers that take a moment to open and to run, and refuse to run after `dispose`. */
function fakeEnhancers(): string[] {
  const opened: string[] = [];
  vi.stubGlobal('navigator', { gpu: {} });
  vi.spyOn(Enhancer, 'create').mockImplementation(async ({ modelName }) => {
    opened.push(modelName!);
    await later();
    let isDisposed = false;
    const run = async (image: ImageData, { onCompile, onProgress }: RunOptions) => {
      if (isDisposed) throw new Error('disposed of');
      onCompile!(3, 12);
      await later();
      onProgress!(0.5);
      return image;
    };
    const dispose = async () => {
      isDisposed = true;
    };
    return Object.create(Enhancer.prototype, { run: { value: run }, dispose: { value: dispose } });
  });
  return opened;
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

test('a call keeps its enhancer when a call with another model follows', async () => {
  const opened = fakeEnhancers();
  const service = new EnhancerService();
  const calls = ['a', 'b', 'a'].map((name) => service.enhance(photo, recipe(name), options()));
  const results = await Promise.all(calls);
  expect(results.map(({ width, height }) => [width, height])).toEqual(Array(3).fill([1, 1]));
  expect(opened).toEqual(['a', 'b', 'a'].map((name) => `${name}.safetensors`));
});

test('a call cancelled while waiting opens nothing, and later calls succeed', async () => {
  const opened = fakeEnhancers();
  const service = new EnhancerService();
  const cancelled = new AbortController();
  const first = service.enhance(photo, recipe('a'), options());
  const second = service.enhance(photo, recipe('b'), options(cancelled.signal));
  const third = service.enhance(photo, recipe('a'), options());
  cancelled.abort();
  await expect(second).rejects.toThrow(AbortError);
  await Promise.all([first, third]);
  expect(opened).toEqual(['a.safetensors']);
});

test('reports the share of compiled kernels before that of the photo', async () => {
  fakeEnhancers();
  const reports: Progress[] = [];
  const onProgress = (progress: Progress) => reports.push(progress);
  await new EnhancerService().enhance(photo, recipe('a'), { ...options(), onProgress });
  expect(reports).toEqual([
    { stage: 'preparing', fraction: null },
    { stage: 'preparing', fraction: 0.25 },
    { stage: 'enhancing', fraction: 0.5 },
  ]);
});
