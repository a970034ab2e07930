import { type ElementwiseName, rowOf } from '../../src/kernels/elementwise/table';
import { addTo, type Dense, get, zeros } from './dense';

type Attributes = Readonly<Record<string, number>>;

/** A row of the table of elementwise operators, in float64, pixel by pixel. */
export function elementwise(
  name: ElementwiseName,
  inputs: readonly Dense[],
  attributes: Attributes = {},
): Dense {
  const { shape } = inputs[0]!;
  const result = zeros(shape);
  const [batch, channels, height, width] = shape;
  for (let n = 0; n < batch; n++) {
    for (let h = 0; h < height; h++) {
      for (let w = 0; w < width; w++) {
        const pixels = inputs.map((input) =>
          Array.from({ length: channels }, (_, c) => get(input, n, c, h, w)),
        );
        rowOf(name)
          .reference(pixels, attributes)
          .forEach((value, c) => {
            addTo(result, n, c, h, w, value);
          });
      }
    }
  }
  return result;
}

export const relu = (x: Dense): Dense => elementwise('relu', [x]);
export const elu = (x: Dense): Dense => elementwise('elu', [x]);
export const add = (a: Dense, b: Dense): Dense => elementwise('add', [a, b]);
export const sumProduct = (a: Dense, b: Dense): Dense => elementwise('sumProduct', [a, b]);
export const power = (x: Dense, attributes: Attributes): Dense => elementwise('power', [x], attributes);
export const log = (x: Dense, attributes: Attributes): Dense => elementwise('log', [x], attributes);
export const logSquare = (x: Dense, attributes: Attributes): Dense =>
  elementwise('logSquare', [x], attributes);
export const hdrBlend = (photo: Dense, prediction: Dense, attributes: Attributes): Dense =>
  elementwise('hdrBlend', [photo, prediction], attributes);
