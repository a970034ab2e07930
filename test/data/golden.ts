import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

/** Values computed by other programs; optional files beside the repository. */
const folder = fileURLToPath(new URL('../../../shared/reference/golden/', import.meta.url));

/** Without the reference values their tests are skipped, which vitest reports. */
export const haveGoldens = existsSync(`${folder}golden.json`);
if (!haveGoldens)
  console.warn('The golden images (../shared/reference/golden) are absent: their tests are skipped.');

interface GoldenShot {
  readonly file: string;
  readonly v: number;
  readonly dt: number;
}

export interface GoldenScene {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly luminance: { readonly min: number; readonly max: number; readonly geometric_mean: number };
  readonly virtual_camera: readonly (GoldenShot & {
    readonly eta: number;
    readonly gamma: number;
    readonly meanRGB: readonly number[];
    readonly metrics: { readonly entropy_bits: number };
  })[];
  readonly exposures: readonly GoldenShot[];
  readonly mertens: {
    readonly file: string;
    readonly float_mean: number;
    readonly float_min: number;
    readonly float_max: number;
  };
}

export interface GoldenPhoto {
  readonly file: string;
  readonly metrics: { readonly entropy_bits: number };
  readonly baselines: Readonly<Record<'he_gray' | 'he_v', { readonly file: string }>>;
}

interface Goldens {
  readonly hdr: Readonly<Record<string, GoldenScene>>;
  readonly ldr: Readonly<Record<string, GoldenPhoto>>;
}

export function goldens(): Goldens {
  return haveGoldens ? JSON.parse(readFileSync(`${folder}golden.json`, 'utf8')) : { hdr: {}, ldr: {} };
}

export function goldenBytes(file: string): Uint8Array {
  return new Uint8Array(readFileSync(folder + file));
}

export interface GoldenImage {
  readonly width: number;
  readonly height: number;
  /** RGB, or one channel for a grey picture. */
  readonly data: Uint8Array;
}

export async function goldenPng(file: string): Promise<GoldenImage> {
  const { data, info } = await sharp(folder + file)
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}

/** The largest difference of two pictures, in levels. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new Error(`${a.length} values against ${b.length}`);
  let largest = 0;
  for (let i = 0; i < a.length; i++)
    largest = Math.max(largest, Math.abs((a[i] as number) - (b[i] as number)));
  return largest;
}
