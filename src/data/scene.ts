import { decodeHdr } from './hdr-file';
import { isMonochrome, isPanorama, type LinearImage } from './image';
import { decodePixmap, isPixmap } from './photo-file';

/** A picture to make pairs from: an HDR scene, or a photo in linear light. */
export interface Scene {
  readonly name: string;
  readonly image: LinearImage;
  /** A full sphere to look around in, as opposed to a flat photo to crop. */
  readonly isPanorama: boolean;
  readonly isMonochrome: boolean;
  /** A finished photo, which is itself a target, as opposed to a scene to take photos of. */
  readonly isPhoto: boolean;
  /** Number of NaN or infinite pixels in the file that were replaced. */
  readonly repairedPixels: number;
}

/**
 * Decodes a scene from its file's bytes. HDR pictures of 2:1 are treated as panoramas, pixmaps as finished photos.
 * See `decodeHdr` and `decodePixmap` for errors.
 */
export function decodeScene(name: string, bytes: Uint8Array): Scene {
  if (isPixmap(bytes)) {
    const image = decodePixmap(bytes);
    const isGrey = isMonochrome(image);
    return { name, image, isPanorama: false, isMonochrome: isGrey, isPhoto: true, repairedPixels: 0 };
  }
  const image = decodeHdr(bytes);
  return {
    name,
    image,
    isPanorama: isPanorama(image),
    isMonochrome: isMonochrome(image),
    isPhoto: false,
    repairedPixels: image.repairedPixels,
  };
}
