import { InputError } from '../errors';
import { openGpu } from '../gpu/device';
import type { EnhancedImage } from '../photo/image';
import { canvas2d, decodeFile } from '../photo/web/decode';
import { encodeImage } from '../photo/web/encode';
import { reason } from '../reason';
import { loadModel } from './models';
import { toImageData } from './outputs';
import type { Encoding, OpenedPhoto, PhotoBytes, Platform } from './platform';

/** For browsers, and other runtimes with `navigator.gpu`, `fetch` and canvases. */
export const web: Platform = {
  openGpu: () =>
    openGpu(globalThis.navigator?.gpu as GPU | undefined, { powerPreference: 'high-performance' }),
  loadModel,
  openPhoto,
  encode: (image, encoding) => encodeImage(toImageData(image), encoding),
};

async function openPhoto(given: PhotoBytes | URL): Promise<OpenedPhoto> {
  const photo = await toBlob(given);
  const { bitmap, colorSpace } = await decodeFile(photo);
  try {
    const context = canvas2d(bitmap, colorSpace);
    context.drawImage(bitmap, 0, 0);
    const encode = (image: EnhancedImage, encoding: Encoding) =>
      encodeImage(toImageData(image), { ...encoding, photo });
    return { image: context.getImageData(0, 0, bitmap.width, bitmap.height), encode };
  } finally {
    bitmap.close();
  }
}

/** The bytes of a photo, fetched if given by URL. */
export async function toBlob(photo: PhotoBytes | URL): Promise<Blob> {
  if (photo instanceof Blob) return photo;
  if (!(photo instanceof URL)) return new Blob([new Uint8Array(photo)]);
  const advice = 'Check the address, and whether its server allows this page to read it (CORS).';
  let response: Response;
  try {
    response = await fetch(photo);
  } catch (cause) {
    throw new InputError(`The photo at ${photo} cannot be fetched: ${reason(cause)}. ${advice}`, { cause });
  }
  if (!response.ok) {
    throw new InputError(`The photo at ${photo} cannot be fetched: the server answered ${response.status}.`);
  }
  return response.blob();
}
