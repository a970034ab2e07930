/**
 * How enhanced photos differ from their originals in hue and in noise:
 * `node scripts/run.mjs scripts/hue-and-noise.ts ORIGINALS ENHANCED...`, folders of files of the same names, whatever
 * their format. Hue: mean angle in CIELAB between a pixel and its original, in degrees, weighted by the original's
 * chroma. Noise: in the smoothest tenth of the 16 x 16 blocks, deviation of the luma from the mean of its 3 x 3
 * neighbourhood, after over before, divided by the gain of the block's mean luma; 1 is what the gain explains.
 */
import { readdir } from 'node:fs/promises';
import { join, parse } from 'node:path';
import sharp from 'sharp';
import { labOfSrgb } from '../src/eval/metrics/ciede2000';

const BLOCK = 16;
/** Share of the blocks that count as smooth. */
const SMOOTH = 0.1;

interface Picture {
  readonly rgb: Buffer;
  readonly width: number;
  readonly height: number;
}

const [originals, ...enhanced] = process.argv.slice(3);
if (!originals || enhanced.length === 0)
  throw new Error('Name the folder of originals and folders of enhanced photos.');

for (const folder of enhanced) {
  const files = await filesByName(folder);
  const rows = [];
  for (const [name, file] of await filesByName(originals)) {
    const other = files.get(name) ?? files.get(`${name}-enhanced`);
    if (!other) throw new Error(`${folder} has no ${name}.`);
    const [before, after] = [await read(file), await read(other)];
    rows.push({ hue: hueChange(before, after), noise: noiseOverGain(before, after) });
  }
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const hue = mean(rows.map((row) => row.hue)).toFixed(2);
  const noise = mean(rows.map((row) => row.noise)).toFixed(3);
  console.log(
    `${folder}: hue changes by ${hue} degrees, noise ${noise} times what the gain explains, ${rows.length} photos`,
  );
}

async function filesByName(folder: string): Promise<Map<string, string>> {
  const names = (await readdir(folder)).filter((name) => /\.(jpe?g|png|webp)$/i.test(name));
  return new Map(names.map((name) => [parse(name).name, join(folder, name)]));
}

async function read(file: string): Promise<Picture> {
  const { data, info } = await sharp(file)
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { rgb: data, width: info.width, height: info.height };
}

function labAt({ rgb }: Picture, at: number) {
  return labOfSrgb(rgb[3 * at] as number, rgb[3 * at + 1] as number, rgb[3 * at + 2] as number);
}

function hueChange(before: Picture, after: Picture): number {
  let [sum, weight] = [0, 0];
  for (let i = 0; i < before.width * before.height; i++) {
    const [, a, b] = labAt(before, i);
    const [, c, d] = labAt(after, i);
    const chroma = Math.hypot(a, b);
    const turn = Math.abs(Math.atan2(a * d - b * c, a * c + b * d));
    sum += chroma * turn;
    weight += chroma;
  }
  return weight > 0 ? ((sum / weight) * 180) / Math.PI : 0;
}

function noiseOverGain(before: Picture, after: Picture): number {
  const smooth = blocks(before)
    .filter(({ mean, deviation }) => mean > 4 && deviation > 0)
    .sort((a, b) => a.deviation - b.deviation);
  const chosen = smooth.slice(0, Math.max(1, Math.floor(SMOOTH * smooth.length)));
  const results = new Map(blocks(after).map((block) => [block.at, block]));
  const ratios = chosen.map(({ at, mean, deviation }) => {
    const result = results.get(at)!;
    return result.deviation / deviation / (result.mean / mean);
  });
  return ratios.sort((a, b) => a - b)[Math.floor(ratios.length / 2)] ?? 1;
}

function blocks(picture: Picture): { at: number; mean: number; deviation: number }[] {
  const { rgb, width, height } = picture;
  const luma = Float64Array.from(
    { length: width * height },
    (_, i) => 0.299 * rgb[3 * i]! + 0.587 * rgb[3 * i + 1]! + 0.114 * rgb[3 * i + 2]!,
  );
  const found = [];
  for (let top = 1; top + BLOCK < height; top += BLOCK) {
    for (let left = 1; left + BLOCK < width; left += BLOCK) {
      let [sum, squares] = [0, 0];
      for (let y = top; y < top + BLOCK; y++) {
        for (let x = left; x < left + BLOCK; x++) {
          sum += luma[y * width + x]!;
          squares += (luma[y * width + x]! - meanAround(luma, width, y, x)) ** 2;
        }
      }
      found.push({
        at: top * width + left,
        mean: sum / BLOCK ** 2,
        deviation: Math.sqrt(squares / BLOCK ** 2),
      });
    }
  }
  return found;
}

function meanAround(luma: Float64Array, width: number, y: number, x: number): number {
  let sum = 0;
  for (let v = y - 1; v <= y + 1; v++) for (let u = x - 1; u <= x + 1; u++) sum += luma[v * width + u]!;
  return sum / 9;
}
