import { driverOfProcess } from '../../src/gpu/node/drivers';

/** Runs before any worker starts, so that they need not each find the driver. */
export async function setup(): Promise<void> {
  const { driver } = await driverOfProcess();
  if (driver === 'system' || driver === 'swiftshader') process.env.GLOCAL_DRIVER ??= driver;
}
