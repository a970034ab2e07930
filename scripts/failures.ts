/**
 * Renders docs/images/failures-MODEL.jpg, the failure examples for a model's card, from the CC0 panoramas of
 * @pmndrs/assets: `node scripts/run.mjs scripts/failures.ts nano`. Left the input, right the model's output.
 */
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { geometricMean, shutterTime } from '../src/data/exposure';
import { finishPhoto } from '../src/data/finished-photo';
import { jpegLoss } from '../src/data/jpeg-loss';
import { fusedTarget } from '../src/data/pair';
import { exposeWithNoise } from '../src/data/sensor-noise';
import { DEFAULT_SYNTHESIS } from '../src/data/synthesis-config';
import { takePhoto } from '../src/data/virtual-camera';
import { Enhancer } from '../src/index-node';
import { Random } from '../src/random';
import { seePanorama, view } from './panorama';

const SIZE = { width: 480, height: 320 };
const GAP = 6;
const CURVE = { eta: 0.6, gamma: 0.9 };

/** A room at night on a phone: noise, then JPEG. */
async function night(): Promise<Uint8Array> {
  const seen = await seePanorama('lab', view(60, -5, 100), SIZE);
  const noise = { gain: 1e-3, read: 2e-3 };
  const exposed = exposeWithNoise(seen, shutterTime(-4.5, geometricMean(seen)), noise, new Random('night'));
  return jpegLoss(takePhoto(exposed, 1, CURVE), SIZE.width, SIZE.height, 80);
}

/** Dark branches and roofs against a sky. */
async function againstTheLight(): Promise<Uint8Array> {
  const seen = await seePanorama('sunset', view(-62, 20, 74), SIZE);
  return takePhoto(seen, shutterTime(-3, geometricMean(seen)), CURVE);
}

/** A photo that is intentionally dark. */
async function lowKey(): Promise<Uint8Array> {
  const seen = await seePanorama('apartment', view(45, 0, 105), SIZE);
  const fused = fusedTarget(seen, geometricMean(seen), false, DEFAULT_SYNTHESIS);
  return finishPhoto(fused, new Random('low key'), { luminance: [0.08, 0.08] });
}

const [model] = process.argv.slice(3);
if (!model) throw new Error('Name a model.');
const name = /([^/\\]+?)(\.safetensors)?$/.exec(model)?.[1];
const inputs = [await night(), await againstTheLight(), await lowKey()];
const enhancer = await Enhancer.create({ model });
const picture = (data: Uint8Array) =>
  sharp(data, { raw: { ...SIZE, channels: 3 } })
    .png()
    .toBuffer();
const cells = [];
for (const [row, data] of inputs.entries()) {
  const enhanced = await enhancer.run({ data, ...SIZE, channels: 3 });
  const top = row * (SIZE.height + GAP);
  cells.push({ input: await picture(data), left: 0, top });
  cells.push({ input: await picture(new Uint8Array(enhanced.data)), left: SIZE.width + GAP, top });
}
await enhancer.dispose();

const folder = fileURLToPath(new URL('../docs/images/', import.meta.url));
await mkdir(folder, { recursive: true });
await sharp({
  create: {
    width: 2 * SIZE.width + GAP,
    height: inputs.length * (SIZE.height + GAP) - GAP,
    channels: 3,
    background: 'white',
  },
})
  .composite(cells)
  .jpeg({ quality: 88 })
  .toFile(`${folder}failures-${name}.jpg`);
console.log(`${folder}failures-${name}.jpg`);
