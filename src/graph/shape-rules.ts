import { ShapeError } from '../errors';
import type { Layout, Shape } from '../kernels/tensor';
import type { SymbolicTensor } from './graph';

/** A name and a shape for messages: `local.0.conv1.weight [8, 3, 3, 3]`. */
export function describe(tensor: SymbolicTensor): string {
  return `${tensor.name} [${tensor.shape.join(', ')}]`;
}

/** The module a parameter belongs to: `local.0.conv1` for `local.0.conv1.weight`. */
export function moduleName(tensor: SymbolicTensor): string {
  return tensor.name.replace(/\.[^.]*$/, '');
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.every((size, axis) => size === b[axis]);
}

/** Requires the layout that the operator's kernels read. */
export function requireLayout(operator: string, tensor: SymbolicTensor, layout: Layout): void {
  if (tensor.layout !== layout) {
    throw new ShapeError(
      `${operator}: ${describe(tensor)} has the layout «${tensor.layout}», not «${layout}».`,
    );
  }
}

/** Requires one value per channel: shape [1, channels, 1, 1]. */
export function requireVector(
  operator: string,
  tensor: SymbolicTensor,
  like: SymbolicTensor,
  channels: number,
): void {
  requireLayout(operator, tensor, 'activation');
  if (!sameShape(tensor.shape, [1, channels, 1, 1])) {
    throw new ShapeError(
      `${operator}: ${describe(tensor)} does not fit ${describe(like)}; expected [1, ${channels}, 1, 1].`,
    );
  }
}

/** Requires two tensors of equal shape and layout. */
export function requireEqualShapes(operator: string, a: SymbolicTensor, b: SymbolicTensor): void {
  if (!sameShape(a.shape, b.shape) || a.layout !== b.layout) {
    throw new ShapeError(`${operator}: ${describe(a)} and ${describe(b)} must have one shape and layout.`);
  }
}

/** Requires an integer attribute of at least `minimum`. */
export function requireInteger(operator: string, attribute: string, value: number, minimum: number): void {
  if (!Number.isInteger(value) || value < minimum) {
    throw new ShapeError(
      `${operator}: ${attribute} is ${value}; expected an integer of at least ${minimum}.`,
    );
  }
}
