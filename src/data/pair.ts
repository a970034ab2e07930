import { InputError } from '../errors';
import { finishPicture } from '../photo/finish';
import type { Random } from '../random';
import { geometricMean, shutterTime } from './exposure';
import { finishPhoto } from './finished-photo';
import { flipHorizontally, flipVertically, type LinearImage } from './image';
import { jpegLoss } from './jpeg-loss';
import { ownResolutionView, renderView, type View } from './lens';
import { fuseToBytes } from './mertens';
import { encodePhoto } from './photo-file';
import type { Range } from './range';
import { resample, type Window } from './resample';
import type { Scene } from './scene';
import { exposeWithNoise, type SensorNoise } from './sensor-noise';
import type { Degradation, PhotoSource, PositiveNormal, SynthesisConfig } from './synthesis-config';
import { type CameraCurve, takePhoto } from './virtual-camera';

/** How a pair was made. */
interface PairMeta {
  readonly scene: string;
  /** The view through the lens (panoramas) or the cropped window (flat photos). */
  readonly patch: View | Window;
  readonly flippedHorizontally: boolean;
  readonly flippedVertically: boolean;
  /** G(E) of the patch. */
  readonly geometricMean: number;
  /** Exposure value of the input; drawn but unused if the pair shows a finished photo. */
  readonly exposureValue: number;
  readonly curve: CameraCurve;
}

/** A badly exposed photo and the picture it should become, both RGB interleaved, size * size * 3 bytes. */
export interface Pair {
  readonly size: number;
  readonly input: Uint8Array;
  readonly target: Uint8Array;
  readonly meta: PairMeta;
}

/**
 * Makes one training pair from a patch: flips, exposure relative to the patch's own geometric mean, virtual camera;
 * and as target the fusion of three exposures of the same patch (Kinoshita and Kiya 2019, section on training data),
 * finished if configured.
 *
 * A pure function of its arguments: the stream `random` is only forked, never advanced.
 */
export function synthesisePair(scene: Scene, random: Random, config: SynthesisConfig): Pair {
  const { image, description, ...flips } = synthesisePatch(scene, random, config);
  const mean = geometricMean(image);
  const camera = random.fork('camera');
  const photos = scene.isPhoto ? config.photos : undefined;
  const exposureValue = camera.uniform(...(photos?.dark.exposureValue ?? config.exposureValue));
  const curve = {
    eta: drawPositive(camera, config.camera.eta),
    gamma: drawPositive(camera, config.camera.gamma),
  };
  const { patch: size } = config;
  const meta = { scene: scene.name, patch: description, ...flips, geometricMean: mean, exposureValue, curve };

  const fused = () => fusedTarget(image, mean, scene.isMonochrome, config);
  const kept = photos
    ? asItIs(image, random.fork('photo'), photos)
    : finished({ image, mean, curve, fused }, random.fork('finished'), config);
  if (kept) return { size, input: kept.slice(), target: kept, meta };
  const dt = shutterTime(exposureValue, mean);
  const input = takeBadPhoto(image, dt, curve, random.fork('degradation'), config);
  const { finish } = config.target;
  return { size, input, target: finish ? finishPicture(fused(), finish) : fused(), meta };
}

/** A photo that the network should leave unchanged; null if it serves as a scene instead. */
function asItIs(image: LinearImage, random: Random, { dark }: PhotoSource): Uint8Array | null {
  return random.chance(dark.share) ? null : encodePhoto(image);
}

/** A patch of a scene, and how to photograph it. */
interface Shot {
  readonly image: LinearImage;
  readonly mean: number;
  readonly curve: CameraCurve;
  readonly fused: () => Uint8Array;
}

/** A finished photo of the scene, which the network should leave unchanged; null unless one was drawn. */
function finished(
  { image, mean, curve, fused }: Shot,
  random: Random,
  { finished }: SynthesisConfig,
): Uint8Array | null {
  if (!finished || !random.chance(finished.share)) return null;
  const { plain } = finished;
  const v = random.uniform(...plain.exposureValue);
  const isPlain = random.chance(plain.share);
  const source = isPlain ? takePhoto(image, shutterTime(v, mean), curve) : fused();
  return finishPhoto(source, random, finished);
}

/** The input: the camera's photo, with realistic noise and compression losses if configured. */
function takeBadPhoto(
  image: LinearImage,
  dt: number,
  curve: CameraCurve,
  random: Random,
  { patch, degradation }: SynthesisConfig,
): Uint8Array {
  if (!degradation) return takePhoto(image, dt, curve);
  const { noise, jpeg } = degradation;
  const [noiseRandom, jpegRandom] = [random.fork('noise'), random.fork('jpeg')];
  const photo = noiseRandom.chance(noise.share)
    ? takePhoto(exposeWithNoise(image, dt, drawNoise(noiseRandom, noise), noiseRandom), 1, curve)
    : takePhoto(image, dt, curve);
  if (!jpegRandom.chance(jpeg.share)) return photo;
  return jpegLoss(photo, patch, patch, Math.round(jpegRandom.uniform(...jpeg.quality)));
}

function drawNoise(random: Random, { gain, read }: Degradation['noise']): SensorNoise {
  const logUniform = ([low, high]: Range) => low * (high / low) ** random.uniform();
  return { gain: logUniform(gain), read: logUniform(read) };
}

/** The part of a scene that a pair is made from, in linear light, and how it was drawn. */
interface Patch {
  readonly image: LinearImage;
  readonly description: View | Window;
  readonly flippedHorizontally: boolean;
  readonly flippedVertically: boolean;
}

/** Draws the same patch as `synthesisePair` for the same arguments, including its flips. */
export function synthesisePatch(scene: Scene, random: Random, config: SynthesisConfig): Patch {
  const { image, description } = drawPatch(scene, random.fork('patch'), config);
  const flips = random.fork('flips');
  const flippedHorizontally = flips.chance(config.flip);
  const flippedVertically = flips.chance(config.flip);
  if (flippedHorizontally) flipHorizontally(image);
  if (flippedVertically) flipVertically(image);
  return { image, description, flippedHorizontally, flippedVertically };
}

/** The target of a patch whose geometric mean is known: Mertens fusion of its 8-bit exposures. */
export function fusedTarget(
  patch: LinearImage,
  mean: number,
  isMonochrome: boolean,
  { target }: SynthesisConfig,
): Uint8Array {
  const exposures = target.exposureValues.map((v) => takePhoto(patch, shutterTime(v, mean), target.curve));
  const exponents = isMonochrome ? target.monochromeExponents : target.exponents;
  return fuseToBytes(exposures, patch.width, patch.height, exponents);
}

function drawPatch(
  scene: Scene,
  random: Random,
  config: SynthesisConfig,
): { image: LinearImage; description: View | Window } {
  const { patch, largestScale = Number.POSITIVE_INFINITY } = config;
  // The smallest extent in scene pixels, along an axis, that a patch may have.
  const least = patch / largestScale;
  if (scene.isPanorama) {
    const narrowest = ownResolutionView(scene.image.width, least);
    if (!(narrowest <= WIDEST_VIEW)) throw tooSmall(scene, config);
    const view = drawView(random, config, narrowest);
    return { image: renderView(scene.image, view, patch, patch), description: view };
  }
  const crop = scene.isPhoto && config.photos ? config.photos.crop : config.crop;
  const smallest = least / Math.min(scene.image.width, scene.image.height);
  if (smallest > 1) throw tooSmall(scene, config);
  const window = drawCrop(scene.image, random, widened(crop, smallest));
  return { image: resample(scene.image, window, patch, patch), description: window };
}

/** In degrees; wider views stretch the corners into streaks. */
const WIDEST_VIEW = 110;

function tooSmall({ name, image }: Scene, { patch, largestScale }: SynthesisConfig): InputError {
  return new InputError(
    `${name} has ${image.width} x ${image.height} pixels, too few for a picture of ${patch} x ${patch} that is enlarged ` +
      `${largestScale} times at most. Make the pictures smaller.`,
  );
}

const widened = ([low, high]: Range, least: number): Range => [Math.max(low, least), Math.max(high, least)];

/** @param narrowest the least angle of view. */
function drawView(random: Random, { lens }: SynthesisConfig, narrowest: number): View {
  return {
    yaw: random.uniform(-180, 180),
    pitch: random.uniform(...lens.pitch),
    roll: random.uniform(...lens.roll),
    fieldOfView: random.uniform(...widened(lens.fieldOfView, narrowest)),
  };
}

/** A square of whole pixels at a random position. */
function drawCrop(image: LinearImage, random: Random, crop: Range): Window {
  const side = Math.max(1, Math.round(random.uniform(...crop) * Math.min(image.width, image.height)));
  return {
    x: random.integer(image.width - side + 1),
    y: random.integer(image.height - side + 1),
    width: side,
    height: side,
  };
}

function drawPositive(random: Random, { mean, deviation }: PositiveNormal): number {
  for (;;) {
    const value = random.normal(mean, deviation);
    if (value > 0) return value;
  }
}
