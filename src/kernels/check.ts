import { ShapeError } from '../errors';
import type { Shape, Tensor } from './tensor';

/** What is checked of a tensor, on a device or in a graph. */
export type Shaped = Pick<Tensor<unknown>, 'shape' | 'layout'>;

export const formatShape = (shape: Shape): string => `[${shape.join(', ')}]`;

const describe = ({ shape, layout }: Shaped): string => `${layout} ${formatShape(shape)}`;

/** @throws {ShapeError} unless all tensors have the shape and layout of the first. */
export function requireSameShape(operator: string, tensors: Readonly<Record<string, Shaped>>): void {
  const [first, ...others] = Object.entries(tensors);
  for (const [name, tensor] of others) {
    if (describe(tensor) !== describe(first![1])) {
      throw new ShapeError(
        `${operator}: ${name} is ${describe(tensor)}, but must be ${describe(first![1])} as ${first![0]} is.`,
      );
    }
  }
}

/** @throws {ShapeError} unless each tensor is an activation of the given shape; `reason` says where it is from. */
export function requireShape(
  operator: string,
  tensors: Readonly<Record<string, Shaped>>,
  shape: Shape,
  reason: string,
): void {
  const wanted = `activation ${formatShape(shape)}`;
  for (const [name, tensor] of Object.entries(tensors)) {
    if (describe(tensor) !== wanted) {
      throw new ShapeError(`${operator}: ${name} is ${describe(tensor)}, but must be ${wanted} (${reason}).`);
    }
  }
}

/** @throws {ShapeError} with the operator's name in front. */
export function requireThat(operator: string, condition: boolean, message: () => string): void {
  if (!condition) throw new ShapeError(`${operator}: ${message()}`);
}
