import { mat3d } from 'wgpu-matrix';
import { createLinearImage, type LinearImage } from './image';

/** The direction of a virtual pinhole camera at the centre of a panorama. Angles in degrees. */
export interface View {
  /** To the right of the panorama's centre column. */
  readonly yaw: number;
  /** Above the horizon. */
  readonly pitch: number;
  /** Clockwise tilt of the camera. */
  readonly roll: number;
  /** Horizontal angle of view, below 180. */
  readonly fieldOfView: number;
}

const RADIANS = Math.PI / 180;
/** The most samples along one side of a pixel: enough for a 16k panorama in a patch of 128. */
const MAX_SAMPLES = 32;

/**
 * Renders an equirectangular panorama through a pinhole lens (rectilinear projection). Each pixel is the mean of n x
 * n bilinear samples, with n chosen so that samples are no further apart than the panorama's pixels, which prevents
 * aliasing.
 */
export function renderView(panorama: LinearImage, view: View, width: number, height: number): LinearImage {
  const image = createLinearImage(width, height);
  const halfWidth = Math.tan((view.fieldOfView * RADIANS) / 2);
  const pixel = (2 * halfWidth) / width;
  const n = samplesPerSide(panorama.width, pixel);
  const [right, down, ahead] = cameraAxes(view);
  const sample = new Float64Array(3);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to += 3) {
      sample.fill(0);
      for (let j = 0; j < n; j++) {
        const v = (y + (j + 0.5) / n - height / 2) * pixel;
        for (let i = 0; i < n; i++) {
          const u = (x + (i + 0.5) / n - width / 2) * pixel;
          addSample(
            panorama,
            ahead[0] + u * right[0] + v * down[0],
            ahead[1] + u * right[1] + v * down[1],
            ahead[2] + u * right[2] + v * down[2],
            sample,
          );
        }
      }
      image.data[to] = (sample[0] as number) / (n * n);
      image.data[to + 1] = (sample[1] as number) / (n * n);
      image.data[to + 2] = (sample[2] as number) / (n * n);
    }
  }
  return image;
}

/** A pixel at the centre of the picture spans `pixel` radians, the most anywhere. */
function samplesPerSide(panoramaWidth: number, pixel: number): number {
  const sourcePixels = (pixel * panoramaWidth) / (2 * Math.PI);
  return Math.min(Math.max(Math.ceil(sourcePixels), 1), MAX_SAMPLES);
}

/**
 * The narrowest square view, in degrees, in which a pixel of `size` x `size` covers on average as much of the sphere
 * as a pixel on the panorama's horizon; narrower views are enlarged. Pixels near the centre cover more than the
 * average, those in the corners less. NaN if even a half-space would be enlarged.
 *
 * The view covers the solid angle 4 asin(sin^2(angle / 2)).
 */
export function ownResolutionView(panoramaWidth: number, size: number): number {
  const solidAngle = ((2 * Math.PI * size) / panoramaWidth) ** 2;
  // Beyond 2 pi, the half-space, the sine would decrease again.
  const sine = solidAngle < 2 * Math.PI ? Math.sin(solidAngle / 4) : Number.NaN;
  return (2 * Math.asin(Math.sqrt(sine))) / RADIANS;
}

type Vector = readonly [number, number, number];

/** Directions of the camera's right, down and line of sight, in a world with x right, y up and z backwards. */
function cameraAxes({ yaw, pitch, roll }: View): readonly [Vector, Vector, Vector] {
  const head = mat3d.rotationY(-yaw * RADIANS);
  mat3d.rotateX(head, pitch * RADIANS, head);
  mat3d.rotateZ(head, -roll * RADIANS, head);
  // Columns of the matrix, each padded to four numbers.
  const column = (i: number, sign: number): Vector => [
    sign * (head[4 * i] as number),
    sign * (head[4 * i + 1] as number),
    sign * (head[4 * i + 2] as number),
  ];
  return [column(0, 1), column(1, -1), column(2, -1)];
}

/** Adds the panorama's bilinear value in direction (x, y, z). Longitude wraps around; latitude ends at the poles. */
function addSample(
  { width, height, data }: LinearImage,
  x: number,
  y: number,
  z: number,
  sum: Float64Array,
): void {
  const column = (0.5 + Math.atan2(x, -z) / (2 * Math.PI)) * width - 0.5;
  const row = (0.5 - Math.atan2(y, Math.sqrt(x * x + z * z)) / Math.PI) * height - 0.5;
  const left = Math.floor(column);
  const top = Math.floor(row);
  const across = column - left;
  const along = row - top;
  const x0 = left < 0 ? left + width : left;
  const x1 = left + 1 >= width ? left + 1 - width : left + 1;
  const y0 = Math.max(top, 0);
  const y1 = Math.min(top + 1, height - 1);
  const a = 3 * (y0 * width + x0);
  const b = 3 * (y0 * width + x1);
  const c = 3 * (y1 * width + x0);
  const d = 3 * (y1 * width + x1);
  const wa = (1 - across) * (1 - along);
  const wb = across * (1 - along);
  const wc = (1 - across) * along;
  const wd = across * along;
  for (let k = 0; k < 3; k++) {
    sum[k] =
      (sum[k] as number) +
      wa * (data[a + k] as number) +
      wb * (data[b + k] as number) +
      wc * (data[c + k] as number) +
      wd * (data[d + k] as number);
  }
}
