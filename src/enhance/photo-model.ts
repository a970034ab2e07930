import type { CheckedImage, Samples } from '../photo/image';
import type { PixelCodec } from '../photo/pixel-codec';

/** A photo to be enhanced, and where the result goes. */
export interface Job {
  readonly image: CheckedImage;
  readonly codec: PixelCodec;
  /** Numbers as the image has; alpha is there already. */
  readonly result: Samples;
  readonly strength: number;
  readonly keepHue: boolean;
  /** Throws when the run is to stop. */
  readonly check: () => void;
  /** Hears the share that is done. It may fall where work begins anew. */
  readonly report: (fraction: number) => void;
}

/** A network on a device. Not for calls that overlap. */
export interface PhotoModel {
  /** Bytes of device memory that it holds now. */
  readonly deviceBytes: number;
  /** @throws {MemoryError} when the device cannot hold even the smallest part of the photo. */
  enhance(job: Job): Promise<void>;
  destroy(): void;
}
