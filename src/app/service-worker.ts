/**
 * Makes the pages work offline after the first visit: keeps the files of one build, and answers from them.
 * The build writes their names, and a version that changes with them, in place of the marks. Files of the build that
 * are not for every visitor it leaves out: they are kept once they have been fetched.
 */

declare const __FILES__: readonly string[];
declare const __VERSION__: string;

const PREFIX = 'glocal-';
const CACHE = PREFIX + __VERSION__;

/** `lib.webworker` declares `self` as a dedicated worker's; this is all of it that is used here. */
const scope = self as unknown as ServiceWorkerGlobalScope;

scope.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(['./', ...__FILES__])));
});

scope.addEventListener('activate', (event) => {
  event.waitUntil(
    caches.keys().then((names) => {
      const old = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
      return Promise.all(old.map((name) => caches.delete(name)));
    }),
  );
});

scope.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET' || !request.url.startsWith(scope.registration.scope)) return;
  const answer = caches.open(CACHE).then(async (cache) => {
    const kept = await cache.match(request, { ignoreSearch: true });
    if (kept) return kept;
    const page = request.mode === 'navigate' && (await cache.match(scope.registration.scope));
    if (page) return page;
    const response = await fetch(request);
    if (response.status === 200 && request.url.startsWith(`${scope.registration.scope}assets/`)) {
      // A full disk only means that it will not be there offline.
      event.waitUntil(cache.put(request, response.clone()).catch(() => {}));
    }
    return response;
  });
  event.respondWith(answer);
});
