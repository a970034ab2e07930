import { afterAll } from 'vitest';
import { openNodeGpu } from '../../src/gpu/node/dawn';
import type { Gpu } from '../../src/gpu/types';

let opened: Promise<Gpu> | undefined;

/** The device that the tests of one file share; closed after the last of them. */
export function openTestGpu(): Promise<Gpu> {
  opened ??= openNodeGpu();
  return opened;
}

afterAll(async () => {
  (await opened?.catch(() => undefined))?.destroy();
  opened = undefined;
});
