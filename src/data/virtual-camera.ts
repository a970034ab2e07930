import { luminance } from '../srgb';
import type { LinearImage } from './image';

/** Parameters of the camera curve. */
export interface CameraCurve {
  readonly eta: number;
  readonly gamma: number;
}

/**
 * f(X) = (1 + eta) X^gamma / (X^gamma + eta): f(0) = 0, f(1) = 1, unclipped limit 1 + eta (G. Eilertsen et al., "HDR
 * image reconstruction from a single exposure using deep CNNs", ACM TOG 36(6), 2017).
 */
export function cameraResponse(x: number, { eta, gamma }: CameraCurve): number {
  const power = x ** gamma;
  return power === Infinity ? 1 + eta : ((1 + eta) * power) / (power + eta);
}

/**
 * An 8-bit photo of the scene X = dt E. The curve acts on the luminance; channels keep their ratios and are clipped
 * afterwards, so saturated colours clip as on a sensor. Without a curve, X itself is clipped and rounded.
 *
 * @returns RGB interleaved, floor(255 x + 0.5).
 */
export function takePhoto(scene: LinearImage, dt: number, curve: CameraCurve | null): Uint8Array {
  const { data } = scene;
  const photo = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 3) {
    const r = dt * (data[i] as number);
    const g = dt * (data[i + 1] as number);
    const b = dt * (data[i + 2] as number);
    let gain = 1;
    if (curve) {
      const y = luminance(r, g, b);
      gain = y > 0 ? Math.min(cameraResponse(y, curve), 1) / y : 0;
    }
    photo[i] = toByte(gain * r);
    photo[i + 1] = toByte(gain * g);
    photo[i + 2] = toByte(gain * b);
  }
  return photo;
}

/** Clips to 0..1 and rounds to 8 bits, halves upwards. */
export function toByte(value: number): number {
  return value >= 1 ? 255 : value > 0 ? Math.floor(255 * value + 0.5) : 0;
}
