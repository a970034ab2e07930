import type { LinearImage } from '../src/data/image';
import { renderView, type View } from '../src/data/lens';
import { listBundledScenes } from '../src/data/node/bundled-scenes';
import { sceneSource } from '../src/data/node/scenes';
import { decodeScene } from '../src/data/scene';

/** The panoramas have 1.4 pixels per degree, pictures of them about 9; enlarging them first avoids visible squares. */
const ENLARGEMENT = 4;

export const view = (yaw: number, pitch: number, fieldOfView: number): View => ({
  yaw,
  pitch,
  roll: 0,
  fieldOfView,
});

/** A lens view of a CC0 panorama from @pmndrs/assets, in linear light. */
export async function seePanorama(
  name: string,
  view: View,
  { width, height }: { width: number; height: number },
): Promise<LinearImage> {
  const file = (await listBundledScenes()).find((scene) => scene.name === name);
  if (!file) throw new Error(`The package @pmndrs/assets has no panorama named ${name}.`);
  const scene = decodeScene(name, await sceneSource(file).read());
  return renderView(enlarge(scene.image, ENLARGEMENT), view, width, height);
}

/** Cubic interpolation (Catmull-Rom) of the cube roots, which limits ringing around lamps; wraps around. */
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
