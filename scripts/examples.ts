/**
 * Makes the photos in examples/ with the lens and the virtual camera of the training pairs. The sources are too large
 * for the repository; examples/README.md lists them: `npm run examples -- FOLDER-OF-SOURCES`.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { geometricMean, shutterTime } from '../src/data/exposure';
import type { LinearImage } from '../src/data/image';
import { renderView } from '../src/data/lens';
import { readPhotoAsPixmap } from '../src/data/node/photos';
import { decodePixmap, encodePhoto } from '../src/data/photo-file';
import { resample } from '../src/data/resample';
import { decodeScene } from '../src/data/scene';
import { exposeWithNoise } from '../src/data/sensor-noise';
import { takePhoto } from '../src/data/virtual-camera';
import { Random } from '../src/random';

interface Example {
  readonly file: string;
  readonly source: string;
  readonly width: number;
  readonly height: number;
  /** Direction of the lens; absent for flat photos, whose largest area of this shape is shown. */
  readonly view?: { readonly yaw: number; readonly pitch: number; readonly fieldOfView: number };
  /** Exposure value v of the shutter: the geometric mean lies at 0.18 * 2^v. Absent: the photo is unchanged. */
  readonly exposureValue?: number;
}

const EXAMPLES: readonly Example[] = [
  {
    ...{ file: 'meadow', source: 'spruit_sunrise_4k.hdr', width: 1080, height: 720 },
    ...{ view: { yaw: 10, pitch: -4, fieldOfView: 78 }, exposureValue: -2.6 },
  },
  {
    ...{ file: 'pylons', source: 'spruit_sunrise_4k.hdr', width: 1080, height: 720 },
    ...{ view: { yaw: 112, pitch: 0, fieldOfView: 74 }, exposureValue: -2.6 },
  },
  {
    ...{ file: 'hall', source: 'teufelsberg_2k.hdr', width: 960, height: 640 },
    ...{ view: { yaw: 10, pitch: 4, fieldOfView: 104 }, exposureValue: -2.4 },
  },
  {
    ...{ file: 'mural', source: 'teufelsberg_2k.hdr', width: 600, height: 750 },
    ...{ view: { yaw: -108, pitch: 7, fieldOfView: 86 }, exposureValue: -2.4 },
  },
  {
    ...{ file: 'canyon', source: 'elementary_ashim_dsilva.jpg', width: 1080, height: 720 },
    exposureValue: -3.2,
  },
  { file: 'pier', source: 'elementary_pier.jpg', width: 1080, height: 720, exposureValue: -3 },
  { file: 'flowers', source: 'gb82_flowers.png', width: 576, height: 576, exposureValue: -2.8 },
  { file: 'night-street', source: 'gb82_night.png', width: 576, height: 576 },
];

const CURVE = { eta: 0.6, gamma: 0.9 };
/** The noise of a phone in poor light. */
const NOISE = { gain: 2e-4, read: 6e-4 };

const [sources] = process.argv.slice(3);
if (!sources) throw new Error('Name the folder of the sources: npm run examples -- FOLDER');
const folder = fileURLToPath(new URL('../examples/', import.meta.url));

async function seen({ source, view, width, height }: Example): Promise<LinearImage> {
  const path = join(sources as string, source);
  if (view) {
    const { image } = decodeScene(source, await readFile(path));
    return renderView(image, { roll: 0, ...view }, width, height);
  }
  const image = decodePixmap(await readPhotoAsPixmap(path));
  const scale = Math.min(image.width / width, image.height / height);
  const [w, h] = [scale * width, scale * height];
  const window = { x: (image.width - w) / 2, y: (image.height - h) / 2, width: w, height: h };
  return resample(image, window, width, height);
}

function photograph(image: LinearImage, { file, exposureValue }: Example): Uint8Array {
  if (exposureValue === undefined) return encodePhoto(image);
  const exposed = exposeWithNoise(
    image,
    shutterTime(exposureValue, geometricMean(image)),
    NOISE,
    new Random(file),
  );
  return takePhoto(exposed, 1, CURVE);
}

await mkdir(folder, { recursive: true });
for (const example of EXAMPLES) {
  const { file, width, height } = example;
  const photo = photograph(await seen(example), example);
  const jpeg = await sharp(photo, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 88 })
    .toBuffer();
  const path = join(folder, `${file}.jpg`);
  await writeFile(`${path}.part`, jpeg);
  await rename(`${path}.part`, path);
  console.log(`${file}.jpg  ${width}x${height}  ${Math.round(jpeg.length / 1024)} KB`);
}
