import { AdapterError } from '../../errors';
import { openNodeGpu } from '../../gpu/node/dawn';
import { launchChrome } from '../../gpu/node/launch-chrome';
import { TRAINING_CHROME, trainInChrome } from './chrome-harness';
import type { Harness } from './harness';
import { trainInNode } from './node-harness';

export type RuntimeName = 'auto' | 'node' | 'chrome';

/**
 * The harness for a runtime. Left open (`auto`), a GPU decides: Dawn's in this process, else Chrome's. Where
 * both have but software it is this process, whose lavapipe is several times quicker than Chrome's SwiftShader;
 * where Dawn has nothing at all it is Chrome.
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

/** A missing adapter or browser is an answer here, anything else a fault. */
function unlessMissing(error: unknown): undefined {
  if (error instanceof AdapterError) return undefined;
  throw error;
}
