/**
 * Renders the photos in examples/ from the CC0 panoramas of the npm package @pmndrs/assets, by the same lens and
 * virtual camera that make the training pairs: `npm run examples`.
 */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { geometricMean, shutterTime } from '../src/data/exposure';
import type { LinearImage } from '../src/data/image';
import { renderView, type View } from '../src/data/lens';
import { listBundledScenes } from '../src/data/node/bundled-scenes';
import { sceneSource } from '../src/data/node/scenes';
import { decodeScene } from '../src/data/scene';
import { takePhoto } from '../src/data/virtual-camera';

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

/** The panoramas hold 1.4 pixels to a degree, the photos about 9: enlarged first, they show no squares. */
const ENLARGEMENT = 4;
const CURVE = { eta: 0.6, gamma: 0.9 };
const folder = fileURLToPath(new URL('../examples/', import.meta.url));

function view(yaw: number, pitch: number, fieldOfView: number): View {
  return { yaw, pitch, roll: 0, fieldOfView };
}

async function render(example: Example): Promise<Uint8Array> {
  const { scene: name, width, height, exposureValue } = example;
  const file = (await listBundledScenes()).find((scene) => scene.name === name);
  if (!file) throw new Error(`The package @pmndrs/assets has no panorama named ${name}.`);
  const scene = decodeScene(name, await sceneSource(file).read());
  const seen = renderView(enlarge(scene.image, ENLARGEMENT), example.view, width, height);
  const photo = takePhoto(seen, shutterTime(exposureValue, geometricMean(seen)), CURVE);
  return sharp(photo, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 92, chromaSubsampling: '4:4:4' })
    .toBuffer();
}

/** Cubic interpolation (Catmull-Rom) of the cube roots, so that lamps do not ring far; wraps around. */
function enlarge({ width, height, data }: LinearImage, factor: number): LinearImage {
  const roots = data.map(Math.cbrt);
  const wide = new Float32Array(3 * width * factor * height);
  const result = {
    width: width * factor,
    height: height * factor,
    data: new Float32Array(wide.length * factor),
  };
  const wrap = (x: number) => ((x % width) + width) % width;
  const clamp = (y: number) => Math.min(Math.max(y, 0), height - 1);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < result.width; x++) {
      for (const [k, weight] of cubicTaps(x, factor)) {
        addPixel(wide, y * result.width + x, roots, y * width + wrap(k), weight);
      }
    }
  }
  for (let y = 0; y < result.height; y++) {
    for (const [k, weight] of cubicTaps(y, factor)) {
      for (let x = 0; x < result.width; x++) {
        addPixel(result.data, y * result.width + x, wide, clamp(k) * result.width + x, weight);
      }
    }
  }
  result.data.forEach((value, i) => {
    result.data[i] = Math.max(value, 0) ** 3;
  });
  return result;
}

/** The four source samples around target sample i, with their weights. */
function cubicTaps(i: number, factor: number): [number, number][] {
  const centre = (i + 0.5) / factor - 0.5;
  const first = Math.floor(centre) - 1;
  return [0, 1, 2, 3].map((k) => {
    const d = Math.abs(first + k - centre);
    return [first + k, d < 1 ? 1.5 * d ** 3 - 2.5 * d ** 2 + 1 : -0.5 * d ** 3 + 2.5 * d ** 2 - 4 * d + 2];
  });
}

function addPixel(
  target: Float32Array,
  to: number,
  source: Float32Array,
  from: number,
  weight: number,
): void {
  for (let c = 0; c < 3; c++) target[3 * to + c]! += weight * source[3 * from + c]!;
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
