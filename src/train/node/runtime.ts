import { AdapterError } from '../../errors';
import { openNodeGpu } from '../../gpu/node/dawn';
import { launchChrome } from '../../gpu/node/launch-chrome';
import { TRAINING_CHROME, trainInChrome } from './chrome-harness';
import type { Harness } from './harness';
import { trainInNode } from './node-harness';

export type RuntimeName = 'auto' | 'node' | 'chrome';

/**
 * The harness for a runtime. `auto` prefers a GPU: Dawn's in this process, then Chrome's. If both have only software
 * adapters it uses this process, whose lavapipe is several times faster than Chrome's SwiftShader; if Dawn has no
 * adapter at all, Chrome.
 */
export async function harnessFor(runtime: RuntimeName): Promise<Harness> {
  if (runtime === 'node') return trainInNode;
  if (runtime === 'chrome') return (job) => trainInChrome(job);
  const dawn = await dawnAdapter();
  if (dawn === 'gpu') return trainInNode;
  const chrome = await launchChrome(TRAINING_CHROME).catch(unlessMissing);
  if (chrome && (!chrome.software || dawn === 'none')) return (job) => trainInChrome(job, { chrome });
  await chrome?.browser.close();
  return trainInNode;
}

async function dawnAdapter(): Promise<'gpu' | 'software' | 'none'> {
  const gpu = await openNodeGpu().catch(unlessMissing);
  if (!gpu) return 'none';
  gpu.destroy();
  return gpu.traits.isSoftware ? 'software' : 'gpu';
}

/** A missing adapter or browser is a valid answer here; other errors are not. */
function unlessMissing(error: unknown): undefined {
  if (error instanceof AdapterError) return undefined;
  throw error;
}
