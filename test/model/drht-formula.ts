import type { DrhtConfig } from '../../src/model/drht/config';
import type { DrhtLayer } from '../../src/model/drht/layers';
import { ldrDecoderLayers, ldrEncoderLayers, ldrOutputLayer } from '../../src/model/drht/layers';
import { type Dense, dense } from '../reference';

/** Weights of the second network of DRHT by a formula, for checks against other implementations. */
export interface FormulaLayer {
  readonly layer: DrhtLayer;
  /** [O, I, K, K], or [I, O, K, K] where transposed. */
  readonly weight: Dense;
}

/** The side of the input and of everything that is compared. */
export const FORMULA_SIDE = 64;

/**
 * Weight k of a kernel in the order row, column, in, out (transposed: row, column, out, in) is
 * sin(12.9898 (k mod 65537) + 78.233 n + 0.001 floor(k / 65537)) sqrt(2 / fan), fan = rows columns in; n is 1 to 6
 * for the encoder, 11 to 15 for the decoder and 16 for the output.
 */
export function formulaLayers(config: DrhtConfig): FormulaLayer[] {
  const numbered: [number, DrhtLayer][] = [
    ...ldrEncoderLayers(config).map((layer, index): [number, DrhtLayer] => [1 + index, layer]),
    ...ldrDecoderLayers(config).map((layer, index): [number, DrhtLayer] => [11 + index, layer]),
    [16, ldrOutputLayer(config)],
  ];
  return numbered.map(([n, layer]) => ({ layer, weight: formulaWeight(n, layer) }));
}

function formulaWeight(n: number, { inputs, outputs, kernel, transposed }: DrhtLayer): Dense {
  const deviation = Math.sqrt(2 / (kernel * kernel * inputs));
  const value = (k: number) =>
    Math.sin(12.9898 * (k % 65537) + 78.233 * n + 0.001 * Math.floor(k / 65537)) * deviation;
  const [first, second] = transposed ? [inputs, outputs] : [outputs, inputs];
  const data = new Float64Array(first * second * kernel * kernel);
  // The formula runs over [tap][second][first]; the array is [first][second][tap].
  const taps = kernel * kernel;
  for (let tap = 0; tap < taps; tap++) {
    for (let b = 0; b < second; b++) {
      for (let a = 0; a < first; a++)
        data[(a * second + b) * taps + tap] = value((tap * second + b) * first + a);
    }
  }
  return dense([first, second, kernel, kernel], data);
}

/** Linear light of several decades: 0.05 + |sin(0.13 x + 0.07 y + 0.9 c)|^3 4 (1 + cos(0.05 (x - y))). */
export function formulaLight(): Dense {
  const data: number[] = [];
  for (let c = 0; c < 3; c++) {
    for (let y = 0; y < FORMULA_SIDE; y++) {
      for (let x = 0; x < FORMULA_SIDE; x++) {
        const wave = Math.abs(Math.sin(0.13 * x + 0.07 * y + 0.9 * c)) ** 3;
        data.push(0.05 + (wave * 8 * (1 + Math.cos(0.05 * (x - y)))) / 2);
      }
    }
  }
  return dense([1, 3, FORMULA_SIDE, FORMULA_SIDE], data);
}
