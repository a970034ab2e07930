import { openGpu } from '../../src/gpu/device';
import type { Gpu } from '../../src/gpu/types';
import { allCases } from '../kernels/all-cases';

declare global {
  interface Window {
    /** Runs the case with this number; resolves to what went wrong, or null. */
    runCase(at: number): Promise<string | null>;
    caseNames: string[];
  }
}

let gpu: Promise<Gpu> | undefined;

window.caseNames = allCases.map(({ name }) => name);
window.runCase = async (at) => {
  try {
    gpu ??= openGpu(navigator.gpu);
    await allCases[at]!.run(await gpu);
    return null;
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
};
