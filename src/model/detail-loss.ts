import { add, mae, resizeBilinear, type SymbolicTensor, subtract } from '../graph';

/** Octaves of detail in the loss: 1, 2 and 4 pixels. */
const OCTAVES = 3;

/**
 * Mean absolute error, plus that of each of the finest levels of the Laplacian pyramid: a tensor [1, 1, 1, 1].
 * Without those levels a network settles for flat areas of the right colour, since texture is a small part of the
 * error. Laplacian pyramid as a loss: P. Bojanowski et al., "Optimizing the latent space of generative networks",
 * ICML 2018, eq. 3, here without its level weights.
 *
 * @param output and target: [N, 3, H, W], H and W multiples of 8.
 */
export function detailLoss(output: SymbolicTensor, target: SymbolicTensor): SymbolicTensor {
  let loss = mae(output, target);
  let error = subtract(output, target, { label: 'error' });
  for (let octave = 0; octave < OCTAVES; octave++) {
    const [, , height, width] = error.shape;
    const coarser = resizeBilinear(error, { height: height / 2, width: width / 2, label: 'coarser' });
    const blurred = resizeBilinear(coarser, { height, width, label: 'blurred' });
    // The pyramid is linear, so the levels of the error are the errors of the levels.
    loss = add(loss, mae(error, blurred, { label: 'detail' }), { label: 'loss' });
    error = coarser;
  }
  return loss;
}
