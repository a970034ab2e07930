import type { RgbImage } from '../image';

/** A model ready to run on 8-bit pictures of any size. */
export interface PictureModel {
  /** Pictures that belong together, where what becomes of one depends on the others; otherwise 1. */
  readonly batch: number;
  /** In the order of the pictures. */
  run(images: readonly RgbImage[]): Promise<RgbImage[]>;
  dispose(): void | Promise<void>;
}
