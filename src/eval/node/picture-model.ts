import type { RgbImage } from '../image';

/** A model ready to run on 8-bit pictures of any size. */
export interface PictureModel {
  /** Number of pictures that share a batch, if they affect each other; otherwise 1. */
  readonly batch: number;
  /** Outputs are in the order of the pictures. */
  run(images: readonly RgbImage[]): Promise<RgbImage[]>;
  dispose(): void | Promise<void>;
}
