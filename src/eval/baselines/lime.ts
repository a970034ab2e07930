import { filterSame, gaussianWindow } from '../gaussian-window';
import { type GridSystem, solveGrid } from '../grid-solver';
import { channelMaximum, checkImage, createPlane, type Plane, type RgbImage } from '../image';
import { toLevel } from './rescale';

const WINDOW = gaussianWindow(11, 2);
const ALPHA = 0.15;
const GAMMA = 0.8;
const EPSILON = 0.001;
/** Tolerance of the residual; the error of the illumination is no larger. */
const TOLERANCE = 1e-6;

/**
 * Low-light image enhancement by illumination map estimation (X. Guo, Y. Li, H. Ling, IEEE TIP 26(2), 982-993, 2017):
 * its sped-up solver, weighting strategy III, without denoising. Divides by a smoothed maximum of the channels to the
 * power 0.8. Written from the paper; the authors' program comes without source.
 */
export function lime(image: RgbImage): RgbImage {
  checkImage('lime', image);
  const { width, height } = image;
  const maximum: Plane = {
    width,
    height,
    data: Float64Array.from(channelMaximum(image.data), (level) => level / 255),
  };
  const illumination = solveGrid(smoothing(maximum), maximum, TOLERANCE).data;
  const data = image.data.map((level, j) => {
    const t = illumination[Math.floor(j / 3)] as number;
    return toLevel(level / Math.min(Math.max(t, EPSILON), 1) ** GAMMA);
  });
  return { ...image, data };
}

/** Weights that preserve the edges which stand out from their surroundings. */
function smoothing(maximum: Plane): GridSystem {
  const { width, height, data } = maximum;
  const right = createPlane(width, height);
  const below = createPlane(width, height);
  for (let i = 0; i < data.length; i++) {
    if ((i + 1) % width !== 0) right.data[i] = (data[i + 1] as number) - (data[i] as number);
    if (i + width < data.length) below.data[i] = (data[i + width] as number) - (data[i] as number);
  }
  const coverage = filterSame(
    { width, height, data: new Float64Array(data.length).fill(1) },
    WINDOW,
    'zero',
  ).data;
  const weigh = (differences: Plane): Plane => {
    const blurred = filterSame(differences, WINDOW, 'zero').data;
    const weights = differences.data.map((difference, i) => {
      const structure = (coverage[i] as number) / (Math.abs(blurred[i] as number) + EPSILON);
      return (ALPHA * structure) / (Math.abs(difference) + EPSILON);
    });
    return { width, height, data: weights };
  };
  const system = { right: weigh(right), below: weigh(below) };
  for (let i = width - 1; i < data.length; i += width) system.right.data[i] = 0;
  system.below.data.fill(0, data.length - width);
  return system;
}
