import { InputError } from '../errors';
import { reason } from './reason';

/**
 * Fetches a weight file. The package has its own under `glocal/weights/`; a bundler gives their address, for
 * example `import url from 'glocal/weights/nano.safetensors?url'` with Vite.
 *
 * @throws {InputError} when the address gives no file.
 */
export async function loadModel(url: string | URL): Promise<Uint8Array<ArrayBuffer>> {
  let response: Response;
  try {
    response = await fetch(url);
  } catch (cause) {
    throw new InputError(`The weights at ${url} cannot be fetched: ${reason(cause)}. Check the address.`, {
      cause,
    });
  }
  if (!response.ok) {
    throw new InputError(
      `The weights at ${url} cannot be fetched: ${response.status} ${response.statusText}.`,
    );
  }
  return new Uint8Array(await response.arrayBuffer());
}
