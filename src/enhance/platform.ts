import type { Gpu } from '../gpu/types';
import type { PhotoFormat } from '../photo/format';
import type { EnhancedImage, RasterImage } from '../photo/image';

/** A photo as the bytes of its file. */
export type PhotoBytes = Uint8Array | ArrayBuffer | Blob;

/** How to encode a picture. */
export interface Encoding {
  readonly format?: PhotoFormat;
  readonly quality?: number;
}

/** A decoded photo, and a way to encode a new picture with its metadata. */
export interface OpenedPhoto {
  readonly image: RasterImage;
  encode(image: EnhancedImage, encoding: Encoding): Promise<Blob>;
}

/** Everything an `Enhancer` needs from its runtime. */
export interface Platform {
  openGpu(): Promise<Gpu>;
  /** Reads a weight file by name or URL. */
  loadModel(model: string | URL): Promise<Uint8Array>;
  /** Decodes a photo and turns it upright. */
  openPhoto(photo: PhotoBytes | URL): Promise<OpenedPhoto>;
  /** Encodes a picture that did not come from a file. */
  encode(image: EnhancedImage, encoding: Encoding): Promise<Blob>;
}
