import { openGpu } from '../../src/gpu/device';
import type { Gpu } from '../../src/gpu/types';
import { allCases } from '../kernels/all-cases';
import { compileShaders, type NetworkRun, runNetwork } from './implementations';

declare global {
  interface Window {
    /** Runs an operator's case by number; resolves to the error, or null. */
    runCase(operator: string, at: number): Promise<string | null>;
    /** Runs these cases of an operator, all at once; resolves to the errors with the names of their cases. */
    runCases(operator: string, positions: readonly number[]): Promise<string[]>;
    caseNames: [operator: string, names: string[]][];
    /** The compiler's errors for each rejected shader. */
    compileShaders(): Promise<{ taken: string[]; refused: string[]; skipped: string[] }>;
    runNetwork(): Promise<NetworkRun>;
  }
}

let opened: Promise<Gpu> | undefined;
const gpu = () => {
  opened ??= openGpu(navigator.gpu);
  return opened;
};

window.caseNames = Object.entries(allCases).map(([operator, cases]) => [
  operator,
  cases.map(({ name }) => name),
]);
window.runCase = async (operator, at) => {
  try {
    await allCases[operator]![at]!.run(await gpu());
    return null;
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
};
window.runCases = async (operator, positions) => {
  const failures = await Promise.all(positions.map((at) => window.runCase(operator, at)));
  const name = (at: number) => allCases[operator]![positions[at]!]!.name;
  return failures.flatMap((failure, at) => (failure ? [`${name(at)}: ${failure}`] : []));
};
window.compileShaders = async () => compileShaders(await gpu());
window.runNetwork = async () => runNetwork(await gpu());
