import { ShapeError } from '../errors';
import type { Layout, Shape, Tensor } from './tensor';

/** The checked properties of a tensor, on a device or in a graph. */
export type Shaped = Pick<Tensor<unknown>, 'shape' | 'layout'>;

/** Tensors by their names in messages. */
export type Named = Readonly<Record<string, Shaped>>;

export const formatShape = (shape: Shape): string => `[${shape.join(', ')}]`;

const format = ({ shape, layout }: Shaped): string => `${layout} ${formatShape(shape)}`;

/** @throws {ShapeError} unless all tensors have the shape and layout of the first. */
export function requireSameShape(operator: string, tensors: Named): void {
  const [[first, model]] = Object.entries(tensors) as [[string, Shaped]];
  const wanted = format(model);
  for (const [name, tensor] of Object.entries(tensors)) {
    const found = format(tensor);
    requireThat(operator, found === wanted, `${name} is ${found}, but must be ${wanted} as ${first} is.`);
  }
}

/** @throws {ShapeError} unless each tensor is an activation of the given shape; `reason` says where that comes from. */
export function requireShape(operator: string, tensors: Named, shape: Shape, reason: string): void {
  const wanted = `activation ${formatShape(shape)}`;
  for (const [name, tensor] of Object.entries(tensors)) {
    const found = format(tensor);
    requireThat(operator, found === wanted, `${name} is ${found}, but must be ${wanted} (${reason}).`);
  }
}

/** @throws {ShapeError} unless each tensor has the layout. */
export function requireLayout(operator: string, tensors: Named, layout: Layout): void {
  for (const [name, tensor] of Object.entries(tensors)) {
    requireThat(
      operator,
      tensor.layout === layout,
      `${name} is ${format(tensor)}, but must be of ${layout}s.`,
    );
  }
}

/** @throws {ShapeError} unless an attribute is a whole number of at least `minimum`. */
export function requireInteger(operator: string, attribute: string, value: number, minimum: number): void {
  const message = `${attribute} is ${value}; expected an integer of at least ${minimum}.`;
  requireThat(operator, Number.isInteger(value) && value >= minimum, message);
}

/** @throws {ShapeError} with the operator's name in front. */
export function requireThat(operator: string, condition: boolean, message: string): void {
  if (!condition) throw new ShapeError(`${operator}: ${message}`);
}
