import type { Gpu } from '../gpu/types';
import type { PhotoFormat } from '../photo/format';
import type { EnhancedImage, RasterImage } from '../photo/image';

/** A photo as the bytes of its file. */
export type PhotoBytes = Uint8Array | ArrayBuffer | Blob;

/** How a picture is to be written. */
export interface Encoding {
  readonly format?: PhotoFormat;
  readonly quality?: number;
}

/** A decoded photo, and how to write a new picture with the metadata that it had. */
export interface OpenedPhoto {
  readonly image: RasterImage;
  encode(image: EnhancedImage, encoding: Encoding): Promise<Blob>;
}

/** What an `Enhancer` asks of its surroundings. */
export interface Platform {
  openGpu(): Promise<Gpu>;
  /** Bytes of a weight file by name or address. */
  loadModel(model: string | URL): Promise<Uint8Array>;
  /** Decodes a photo upright. */
  openPhoto(photo: PhotoBytes | URL): Promise<OpenedPhoto>;
  /** Writes a picture that came from no file. */
  encode(image: EnhancedImage, encoding: Encoding): Promise<Blob>;
}
