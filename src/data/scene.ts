import { decodeHdr } from './hdr-file';
import { isMonochrome, isPanorama, type LinearImage } from './image';

/** An HDR picture that pairs can be made from. */
export interface Scene {
  readonly name: string;
  readonly image: LinearImage;
  /** A whole sphere to look around in, as opposed to a flat photo to crop. */
  readonly isPanorama: boolean;
  readonly isMonochrome: boolean;
  /** Pixels that were NaN or infinite in the file and were replaced. */
  readonly repairedPixels: number;
}

/** Decodes a scene from the bytes of its file; 2:1 pictures are taken for panoramas. See `decodeHdr` for errors. */
export function decodeScene(name: string, bytes: Uint8Array): Scene {
  const image = decodeHdr(bytes);
  return {
    name,
    image,
    isPanorama: isPanorama(image),
    isMonochrome: isMonochrome(image),
    repairedPixels: image.repairedPixels,
  };
}
