import { findBundle } from '../../src/gpu/node/bundled';
import { driverOfProcess } from '../../src/gpu/node/drivers';

/** Runs before any worker starts: chooses driver and browser for all of them. */
export async function setup(): Promise<void> {
  const { driver } = await driverOfProcess();
  if (driver === 'system' || driver === 'swiftshader') process.env.GLOCAL_DRIVER ??= driver;
  // npm's starts quicker than an installed one, and is the same on every machine.
  if (findBundle()) process.env.GLOCAL_CHROME ??= 'bundled';
}
