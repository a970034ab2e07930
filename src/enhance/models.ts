import { InputError } from '../errors';
import { reason } from '../reason';

/** URLs of the weights in this package. Written as literals so that bundlers find the files and copy them. */
const SHIPPED: Readonly<Record<string, URL>> = {
  instant: new URL('../../weights/instant.safetensors', import.meta.url),
  nano: new URL('../../weights/nano.safetensors', import.meta.url),
  small: new URL('../../weights/small.safetensors', import.meta.url),
};

/**
 * Fetches a weight file: one of this package by its name (`instant`), others by URL.
 *
 * @throws {InputError} when the URL yields no file.
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
