import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { RgbImage } from '../../src/eval/image';
import { type GoldenImage, goldenPng, goldens, haveGoldens } from '../data/golden';

/** Values computed by other programs; optional files beside the repository. */
const folder = fileURLToPath(new URL('../../../shared/reference/', import.meta.url));

export { haveGoldens };

export const referenceText = (path: string): string => readFileSync(folder + path, 'utf8');

export interface QualityValues {
  readonly entropy_bits: number;
  readonly niqe: number;
  readonly brisque: number;
  readonly niqe_snapped: number;
  readonly brisque_snapped: number;
  readonly flat_fraction: number;
  readonly brisque_features?: readonly number[];
}

interface ScoredFile {
  readonly file: string;
  readonly metrics: QualityValues;
}

/** Every golden picture with reference values: the photos, the camera's pictures and the fusions. */
export function scoredFiles(): ScoredFile[] {
  const { ldr, hdr } = goldens() as unknown as {
    ldr: Record<string, ScoredFile>;
    hdr: Record<string, { virtual_camera: ScoredFile[]; mertens: ScoredFile }>;
  };
  return [
    ...Object.values(ldr),
    ...Object.values(hdr).flatMap(({ virtual_camera, mertens }) => [...virtual_camera, mertens]),
  ];
}

interface BaselineFile {
  readonly file: string;
  readonly baselines: Readonly<Record<string, { readonly file: string }>>;
}

/** The photos that the baselines were run on. */
export function baselineFiles(): BaselineFile[] {
  const { ldr } = goldens() as unknown as { ldr: Record<string, BaselineFile> };
  return Object.values(ldr);
}

interface TmqiValues {
  readonly Q: number;
  readonly S: number;
  readonly N: number;
  readonly s_local: readonly number[];
}

/** The HDR scenes and the values of the pictures made from each. */
export function tmqiScenes(): { scene: string; pictures: Readonly<Record<string, TmqiValues>> }[] {
  const { hdr } = goldens() as unknown as {
    hdr: Record<string, { file: string; tmqi: Record<string, TmqiValues> }>;
  };
  return Object.values(hdr).map(({ file, tmqi }) => ({ scene: file, pictures: tmqi }));
}

export async function rgbGolden(file: string): Promise<RgbImage> {
  const image = await goldenPng(file);
  if (image.data.length === 3 * image.width * image.height) return image;
  const data = new Uint8Array(3 * image.width * image.height);
  for (let i = 0; i < data.length; i++) data[i] = image.data[Math.floor(i / 3)] as number;
  return { ...image, data };
}

interface Units {
  readonly resize_half: { readonly input: readonly number[][]; readonly output: readonly number[][] };
  readonly resize_to_9x10: { readonly output: readonly number[][] };
  readonly fit: Readonly<Record<string, number>>;
  readonly gauss7: readonly number[];
  readonly tmqi_scales: readonly { readonly csf: number; readonly mu: number }[];
  readonly niqe_astronaut_sigma_block_means: readonly number[][];
  readonly niqe_astronaut: {
    readonly features: readonly number[][];
    readonly mean: readonly number[];
    readonly niqe: number;
  };
  readonly cache_map_astronaut: readonly number[];
}

export const units = (): Units => JSON.parse(referenceText('golden/units.json'));

/** One value per pixel of a grey picture, however many channels its file has. */
export function firstChannel({ width, height, data }: GoldenImage): Uint8Array {
  const channels = data.length / (width * height);
  return Uint8Array.from({ length: width * height }, (_, i) => data[i * channels] as number);
}
