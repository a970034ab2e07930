/**
 * Makes the pages work offline after the first visit: keeps the files of one build, and answers for them and for
 * nothing else. The build writes their names, and a version that changes with them, in place of the marks. Files of the
 * build that not every visitor needs are left out; they are kept once they have been fetched.
 */

declare const __FILES__: readonly string[];
declare const __VERSION__: string;

/** `lib.webworker` declares `self` as a dedicated worker's; this is all of it that is used here. */
const scope = self as unknown as ServiceWorkerGlobalScope;

const ROOT = scope.registration.scope;

/** Photos come to this address from other programs. */
const SHARE = new URL('share', ROOT).href;

/** Caches belong to an origin, which may hold several deployments of this page. */
const PREFIX = `glocal ${ROOT} `;
const CACHE = PREFIX + __VERSION__;

/** Where shared photos wait for the page (`shared-photos.ts`, which this file cannot import: it must be one piece). */
const SHARED = `${PREFIX}shared`;

const FILES: ReadonlySet<string> = new Set(['./', ...__FILES__].map((file) => new URL(file, ROOT).href));

/** The other address of the page. */
const INDEX = new URL('index.html', ROOT).href;

/** Their names change with their content, so that one that is kept is never old. */
const ASSETS = new URL('assets/', ROOT).href;

scope.addEventListener('install', (event) => {
  event.waitUntil(install());
});

/** Past the browser's own cache, which may still hold files of the build before. */
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

/** Browsers refuse an answer to a navigation that came by a redirect, as from `train.html` to `train`. */
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
  // Whatever else lies in this folder or below is somebody else's.
  const isOurs = FILES.has(place) || place.startsWith(ASSETS);
  if (request.method === 'GET' && isOurs) event.respondWith(answer(event, place));
});

async function answer(event: FetchEvent, place: string): Promise<Response> {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(place);
  if (kept) return kept;
  const response = await fetch(event.request);
  if (response.status === 200 && place.startsWith(ASSETS)) {
    // A full disk only means that it will not be there offline.
    event.waitUntil(cache.put(place, response.clone()).catch(() => {}));
  }
  return response;
}

/** Keeps photos that another program shares, which reach no server, and sends the browser to the page. */
async function receiveShared(request: Request): Promise<Response> {
  const files = (await request.formData()).getAll('photos').filter((value) => value instanceof File);
  const cache = await caches.open(SHARED);
  for (const [at, file] of files.entries()) {
    const headers = { 'content-type': file.type, 'x-name': encodeURIComponent(file.name) };
    await cache.put(`${SHARE}/${at}`, new Response(file, { headers }));
  }
  return Response.redirect(`${ROOT}?shared`, 303);
}
