/** The service worker's mark in the address, when it has photos for the page. */
const MARK = 'shared';

/**
 * The photos that another program has shared with the installed page (`share_target` of the manifest), once: the service
 * worker took them out of the request and left them in a cache of their own.
 */
export async function takeShared(): Promise<File[]> {
  const address = new URL(location.href);
  if (!address.searchParams.has(MARK)) return [];
  address.searchParams.delete(MARK);
  history.replaceState(null, '', address);
  // As the service worker calls it.
  const name = `glocal ${new URL('./', location.origin + location.pathname).href} shared`;
  const cache = await caches.open(name);
  const files: File[] = [];
  for (const request of await cache.keys()) {
    const response = await cache.match(request);
    const blob = await response?.blob();
    if (!response || !blob) continue;
    const fileName = decodeURIComponent(response.headers.get('x-name') ?? '');
    files.push(new File([blob], fileName, { type: blob.type }));
  }
  await caches.delete(name);
  return files;
}
