import type { Enhanced } from './protocol';

/** The largest picture kept: 64 MiB. */
const MOST_PIXELS = 2 ** 24;

/**
 * The pixels of enhanced photos. Results travel as blobs, but a browser takes several times as long to read a blob back as
 * to make a bitmap of its pixels, so those of the last photo, which is shown next, are kept here as well.
 */
export class EnhancedPixels {
  #last: { readonly id: string; readonly image: ImageData } | null = null;

  /** @param image is not to be changed afterwards. */
  keep(image: ImageData, notes: Enhanced['notes']): Enhanced {
    const { width, height, colorSpace } = image;
    const id = crypto.randomUUID();
    this.#last = width * height <= MOST_PIXELS ? { id, image } : null;
    return { id, width, height, pixels: new Blob([image.data]), colorSpace, notes };
  }

  /** The pixels, which are not to be changed. */
  async read({ id, pixels, width, height, colorSpace }: Enhanced): Promise<ImageData> {
    if (this.#last?.id === id) return this.#last.image;
    return new ImageData(new Uint8ClampedArray(await pixels.arrayBuffer()), width, height, { colorSpace });
  }
}
