import type { ToneCurve } from '../photo/finish';
import type { CheckedImage, Samples } from '../photo/image';
import type { PixelCodec } from '../photo/pixel-codec';
import type { PackedPhoto } from './packed-photo';

/** A photo to be enhanced, and where the result goes. */
export interface Job {
  readonly image: CheckedImage;
  readonly codec: PixelCodec;
  /** The photo on the device, if the device can work on its numbers; otherwise the host converts. */
  readonly packed: PackedPhoto | undefined;
  /** The whole photo, dense [1, 3, viewSize, viewSize]: see `globalView`. */
  readonly view: Float32Array;
  /** Numbers of the same kind as the image's, with alpha already in place. */
  readonly result: Samples;
  readonly strength: number;
  readonly keepHue: boolean;
  /** The curve that finishes the network's picture, before hue and strength; null for none. */
  readonly tone: ToneCurve | null;
  /** Throws if the run is to stop. */
  readonly check: () => void;
  /** Receives the completed fraction, which may fall when work restarts. */
  readonly report: (fraction: number) => void;
}

/** A network on a device. Calls must not overlap. */
export interface PhotoModel {
  /** Side in pixels of the square view of the whole photo. */
  readonly viewSize: number;
  /** Bytes of device memory in use. */
  readonly deviceBytes: number;
  /** Compiles, all at once, the kernels of a typical photo. Others are compiled when a photo needs them. */
  warmUp(): Promise<void>;
  /** Makes room for a photo in its own numbers; undefined if the device cannot work on them, or has no room. */
  pack(image: CheckedImage, codec: PixelCodec): Promise<PackedPhoto | undefined>;
  /** @throws {MemoryError} when the device cannot hold even the smallest part of the photo. */
  enhance(job: Job): Promise<void>;
  destroy(): void;
}
