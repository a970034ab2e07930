import type { ToneCurve } from '../photo/finish';
import type { CheckedImage, Samples } from '../photo/image';
import type { PixelCodec } from '../photo/pixel-codec';
import type { PackedPhoto } from './packed-photo';

/** A photo to be enhanced, and where the result goes. */
export interface Job {
  readonly image: CheckedImage;
  readonly codec: PixelCodec;
  /** The photo on the device, where that works on its own numbers; else the host converts. */
  readonly packed: PackedPhoto | undefined;
  /** The whole of it, dense [1, 3, viewSize, viewSize]: see `globalView`. */
  readonly view: Float32Array;
  /** Numbers as the image has; alpha is there already. */
  readonly result: Samples;
  readonly strength: number;
  readonly keepHue: boolean;
  /** What finishes the network's picture, before hue and strength; null for nothing. */
  readonly tone: ToneCurve | null;
  /** Throws when the run is to stop. */
  readonly check: () => void;
  /** Hears the share that is done. It may fall where work begins anew. */
  readonly report: (fraction: number) => void;
}

/** A network on a device. Not for calls that overlap. */
export interface PhotoModel {
  /** Side in pixels of the square in which it sees a photo as a whole. */
  readonly viewSize: number;
  /** Bytes of device memory that it holds now. */
  readonly deviceBytes: number;
  /** Makes room for a photo whose numbers the device can work on; undefined where it cannot, or has no room. */
  pack(image: CheckedImage, codec: PixelCodec): Promise<PackedPhoto | undefined>;
  /** @throws {MemoryError} when the device cannot hold even the smallest part of the photo. */
  enhance(job: Job): Promise<void>;
  destroy(): void;
}
