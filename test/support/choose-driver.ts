import { launchEnvironment } from '../../src/gpu/node/drivers';

/** Before any worker starts, so that Dawn finds its driver in all of them. */
export async function setup(): Promise<void> {
  Object.assign(process.env, await launchEnvironment());
}
