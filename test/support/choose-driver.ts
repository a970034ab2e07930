import { driverOfProcess } from '../../src/gpu/node/drivers';

/** Before any worker starts, so that each need not find out for itself which driver there is. */
export async function setup(): Promise<void> {
  const { driver } = await driverOfProcess();
  if (driver === 'system' || driver === 'swiftshader') process.env.GLOCAL_DRIVER ??= driver;
}
