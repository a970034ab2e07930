import { InputError } from '../errors';
import { reason } from '../reason';

/**
 * Addresses of the weights that come with the package. Literal, so that bundlers find the files and put them
 * beside what they build.
 */
const SHIPPED: Readonly<Record<string, URL>> = {
  instant: new URL('../../weights/instant.safetensors', import.meta.url),
  nano: new URL('../../weights/nano.safetensors', import.meta.url),
  small: new URL('../../weights/small.safetensors', import.meta.url),
};

/**
 * Fetches a weight file: one that comes with the package by its name (`instant`), any other by its address.
 *
 * @throws {InputError} when the address gives no file.
 */
export async function loadModel(model: string | URL): Promise<Uint8Array<ArrayBuffer>> {
  const url = (typeof model === 'string' && SHIPPED[model]) || model;
  let response: Response;
  try {
    response = await fetch(url);
  } catch (cause) {
    throw new InputError(
      `The weights at ${url} cannot be fetched: ${reason(cause)}. Check the address, or name a model of this ` +
        `package: ${Object.keys(SHIPPED).join(', ')}.`,
      { cause, code: 'weights-not-found' },
    );
  }
  if (!response.ok) {
    throw new InputError(
      `The weights at ${url} cannot be fetched: ${response.status} ${response.statusText}.`,
      { code: 'weights-not-found' },
    );
  }
  return new Uint8Array(await response.arrayBuffer());
}
