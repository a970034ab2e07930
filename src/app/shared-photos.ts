/** The service worker's mark in the URL when photos are waiting. */
const MARK = 'shared';

/**
 * Photos that another program shared with the installed page (`share_target` in the manifest), once: the service
 * worker took them from the request and put them into a cache.
 */
export async function takeShared(): Promise<File[]> {
  const address = new URL(location.href);
  if (!address.searchParams.has(MARK)) return [];
  address.searchParams.delete(MARK);
  history.replaceState(null, '', address);
  // The same name as in the service worker.
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
