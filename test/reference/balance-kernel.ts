import { build, type Dense, get } from './dense';

/** The entry of P = 1 - s s^T / size, s = (1, -1, 1, ...). */
const projection = (size: number, a: number, b: number): number => Number(a === b) - (-1) ** (a + b) / size;

/** y[o, i, k_y, k_x] = sum_{a, b} P[k_y, a] P[k_x, b] w[o, i, a, b], each output from all inputs. */
export function balanceKernel(w: Dense): Dense {
  const [, , size] = w.shape;
  return build(w.shape, (o, i, y, x) => {
    let sum = 0;
    for (let a = 0; a < size; a++) {
      for (let b = 0; b < size; b++) {
        sum += projection(size, y, a) * projection(size, x, b) * get(w, o, i, a, b);
      }
    }
    return sum;
  });
}
