/**
 * Renders the photos in examples/ from the CC0 panoramas of the npm package @pmndrs/assets, by the same lens and
 * virtual camera that make the training pairs: `npm run examples`.
 */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { geometricMean, shutterTime } from '../src/data/exposure';
import type { View } from '../src/data/lens';
import { takePhoto } from '../src/data/virtual-camera';
import { seePanorama, view } from './panorama';

interface Example {
  readonly file: string;
  readonly scene: string;
  readonly view: View;
  readonly width: number;
  readonly height: number;
  /** v of the shutter: the geometric mean lies at 0.18 * 2^v. */
  readonly exposureValue: number;
}

const EXAMPLES: readonly Example[] = [
  { file: 'palace', scene: 'sunset', view: view(-62, 20, 74), width: 680, height: 1000, exposureValue: -2.3 },
  {
    file: 'autumn-tree',
    scene: 'sunrise',
    view: view(-40, 3, 90),
    width: 960,
    height: 640,
    exposureValue: -2.1,
  },
  {
    file: 'workshop',
    scene: 'workshop',
    view: view(-60, -5, 100),
    width: 960,
    height: 640,
    exposureValue: -2.3,
  },
  { file: 'forest', scene: 'forest', view: view(115, -8, 100), width: 960, height: 640, exposureValue: -2.2 },
  { file: 'window', scene: 'apartment', view: view(45, 0, 105), width: 960, height: 640, exposureValue: -2 },
  { file: 'laboratory', scene: 'lab', view: view(60, -5, 100), width: 960, height: 640, exposureValue: -2.3 },
];

const CURVE = { eta: 0.6, gamma: 0.9 };
const folder = fileURLToPath(new URL('../examples/', import.meta.url));

async function render(example: Example): Promise<Uint8Array> {
  const { scene, width, height, exposureValue } = example;
  const seen = await seePanorama(scene, example.view, { width, height });
  const photo = takePhoto(seen, shutterTime(exposureValue, geometricMean(seen)), CURVE);
  return sharp(photo, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 92, chromaSubsampling: '4:4:4' })
    .toBuffer();
}

await mkdir(folder, { recursive: true });
for (const example of EXAMPLES) {
  const path = `${folder}${example.file}.jpg`;
  const jpeg = await render(example);
  await writeFile(`${path}.part`, jpeg);
  await rename(`${path}.part`, path);
  console.log(
    `${example.file}.jpg  ${example.width}x${example.height}  ${Math.round(jpeg.length / 1024)} KB`,
  );
}
