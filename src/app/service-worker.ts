/**
 * Makes the pages work offline after the first visit: caches the files of one build, and answers for these only. The
 * build replaces the marks with their names, and with a version that changes with them. Files that not every visitor
 * needs are cached once they have been fetched.
 */

declare const __FILES__: readonly string[];
declare const __VERSION__: string;

/** `lib.webworker` declares `self` for dedicated workers; this is the part used here. */
const scope = self as unknown as ServiceWorkerGlobalScope;

const ROOT = scope.registration.scope;

/** Other programs send photos to this address. */
const SHARE = new URL('share', ROOT).href;

/** Caches belong to an origin, which may host several deployments of this page. */
const PREFIX = `glocal ${ROOT} `;
const CACHE = PREFIX + __VERSION__;

/**
 * Shared photos wait here for the page (`shared-photos.ts`, which this file cannot import because it must be a single
 * file).
 */
const SHARED = `${PREFIX}shared`;

const FILES: ReadonlySet<string> = new Set(['./', ...__FILES__].map((file) => new URL(file, ROOT).href));

/** The page's other address. */
const INDEX = new URL('index.html', ROOT).href;

/** Names change with content, so cached files are never outdated. */
const ASSETS = new URL('assets/', ROOT).href;

scope.addEventListener('install', (event) => {
  event.waitUntil(install());
});

/** Bypasses the browser's HTTP cache, which may still have files of the previous build. */
async function install(): Promise<void> {
  const cache = await caches.open(CACHE);
  await Promise.all(
    [...FILES].map(async (url) => {
      const response = await fetch(url, { cache: 'reload' });
      if (!response.ok) throw new Error(`${url}: the server answered ${response.status}.`);
      await cache.put(url, unredirected(response));
    }),
  );
}

/** Browsers reject redirected responses to navigations, such as from `train.html` to `train`. */
function unredirected(response: Response): Response {
  if (!response.redirected) return response;
  const { status, statusText, headers } = response;
  return new Response(response.body, { status, statusText, headers });
}

scope.addEventListener('activate', (event) => {
  event.waitUntil(
    caches.keys().then((names) => {
      const kept = [CACHE, SHARED];
      const old = names.filter((name) => name.startsWith(PREFIX) && !kept.includes(name));
      return Promise.all(old.map((name) => caches.delete(name)));
    }),
  );
});

scope.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  const address = url.origin + url.pathname;
  if (request.method === 'POST' && address === SHARE) {
    event.respondWith(receiveShared(request));
    return;
  }
  const place = address === INDEX ? ROOT : address;
  // Anything else in or below this folder belongs to someone else.
  const isOurs = FILES.has(place) || place.startsWith(ASSETS);
  if (request.method === 'GET' && isOurs) event.respondWith(answer(event, place));
});

async function answer(event: FetchEvent, place: string): Promise<Response> {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(place);
  if (kept) return kept;
  const response = await fetch(event.request);
  if (response.status === 200 && place.startsWith(ASSETS)) {
    // If the disk is full, the file is merely missing offline.
    event.waitUntil(cache.put(place, response.clone()).catch(() => {}));
  }
  return response;
}

/** Stores photos shared by another program, without sending them to a server, and redirects to the page. */
async function receiveShared(request: Request): Promise<Response> {
  const files = (await request.formData()).getAll('photos').filter((value) => value instanceof File);
  const cache = await caches.open(SHARED);
  for (const [at, file] of files.entries()) {
    const headers = { 'content-type': file.type, 'x-name': encodeURIComponent(file.name) };
    await cache.put(`${SHARE}/${at}`, new Response(file, { headers }));
  }
  return Response.redirect(`${ROOT}?shared`, 303);
}
