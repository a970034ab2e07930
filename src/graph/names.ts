import { formatShape, type Named } from '../kernels/shapes';
import type { SymbolicTensor } from './graph';

/** A name and a shape for messages: `local.0.conv1.weight [8, 3, 3, 3]`. */
export const describe = ({ name, shape }: SymbolicTensor): string => `${name} ${formatShape(shape)}`;

/** The module of a parameter: `local.0.conv1` for `local.0.conv1.weight`. */
export const moduleName = ({ name }: SymbolicTensor): string => name.replace(/\.[^.]*$/, '');

/** Tensors of a graph for the checks of `kernels/shapes.ts`. */
export const named = (...tensors: readonly SymbolicTensor[]): Named =>
  Object.fromEntries(tensors.map((tensor) => [tensor.name, tensor]));
