import { fileURLToPath } from 'node:url';
import { openTunedGpu } from '../../kernels/node/tuned';
import { PHOTO_FORMATS, type PhotoFormat } from '../../photo/format';
import type { EnhancedImage } from '../../photo/image';
import { decodePhoto, encodePhoto, type PhotoMetadata, readBytes } from '../../photo/node/photo';
import { Enhancer } from '../enhancer';
import type { Encoding, OpenedPhoto, PhotoBytes, Platform } from '../platform';
import { toBlob } from '../web-platform';
import { loadModel } from './models';

const node: Platform = {
  openGpu: () => openTunedGpu({}, 'photos'),
  loadModel,
  openPhoto,
  encode: (image, encoding) => encode({ image }, { format: 'png', ...encoding }),
};

/**
 * The `Enhancer` for Node: devices through Dawn, with measured tuning if there is any; weights and photos from files.
 */
export class NodeEnhancer extends Enhancer {
  static override readonly platform = node;
}

async function openPhoto(given: PhotoBytes | URL): Promise<OpenedPhoto> {
  const name = given instanceof URL ? String(given) : 'The photo';
  const { image, format, notes: _, ...metadata } = await decodePhoto(await bytesOf(given), name);
  const own = PHOTO_FORMATS.find((known) => known === format) ?? 'png';
  return {
    image,
    encode: (result, encoding) => encode({ ...metadata, image: result }, { format: own, ...encoding }),
  };
}

async function bytesOf(photo: PhotoBytes | URL): Promise<Uint8Array> {
  if (photo instanceof URL && photo.protocol === 'file:') {
    return readBytes(fileURLToPath(photo));
  }
  if (photo instanceof Uint8Array) return photo;
  return new Uint8Array(photo instanceof ArrayBuffer ? photo : await (await toBlob(photo)).arrayBuffer());
}

async function encode(
  photo: { readonly image: EnhancedImage } & PhotoMetadata,
  { format, quality }: Encoding & { readonly format: PhotoFormat },
): Promise<Blob> {
  const { bytes } = await encodePhoto(photo, format, quality === undefined ? {} : { quality });
  return new Blob([new Uint8Array(bytes)], { type: `image/${format}` });
}
