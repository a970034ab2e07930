import type { ConvolutionFamily } from '../../policy';
import { direct } from './direct';
import type { Family } from './family';
import { matrix } from './matrix';
import { subgroup } from './subgroup';
import { winograd } from './winograd';
import { workgroup } from './workgroup';

const FAMILIES: Readonly<Record<ConvolutionFamily, Family>> = {
  winograd,
  subgroup,
  matrix,
  workgroup,
  direct,
};

/** The calls of the first family in the policy's order that supports the problem; `direct` always does. */
export function firstFamily<C>(
  order: readonly ConvolutionFamily[],
  calls: (family: Family) => C | undefined,
): C {
  for (const name of order) {
    const found = calls(FAMILIES[name]);
    if (found !== undefined) return found;
  }
  return calls(direct)!;
}

/** Whether the first family pools in the same pass; such families support every shape. */
export const takesPool = ([first]: readonly ConvolutionFamily[]): boolean =>
  first !== undefined && FAMILIES[first].takesPool === true;

/** Whether the first family computes several phases at once; such families support every shape. */
export const takesPhases = ([first]: readonly ConvolutionFamily[]): boolean =>
  first !== undefined && FAMILIES[first].takesPhases === true;
