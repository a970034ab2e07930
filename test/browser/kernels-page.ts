import { openGpu } from '../../src/gpu/device';
import type { Gpu } from '../../src/gpu/types';
import { allCases } from '../kernels/all-cases';

declare global {
  interface Window {
    /** Runs a case of an operator by its number; resolves to what went wrong, or null. */
    runCase(operator: string, at: number): Promise<string | null>;
    caseNames: [operator: string, names: string[]][];
  }
}

let gpu: Promise<Gpu> | undefined;

window.caseNames = Object.entries(allCases).map(([operator, cases]) => [
  operator,
  cases.map(({ name }) => name),
]);
window.runCase = async (operator, at) => {
  try {
    gpu ??= openGpu(navigator.gpu);
    await allCases[operator]![at]!.run(await gpu);
    return null;
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
};
