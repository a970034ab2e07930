import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';

export interface StaticServer {
  /** `http://127.0.0.1:PORT/SECRET/`, a secure context as WebGPU requires. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Answers a request and returns true, or leaves it to the files and returns false.
 * @param path the part after the server's `url`, still encoded, without a query.
 */
export type RequestHandler = (
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
) => boolean | Promise<boolean>;

const MIME: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.webp': 'image/webp',
  '.wgsl': 'text/plain; charset=utf-8',
};

const SECRET_BYTES = 24;

const HEADERS = {
  'cache-control': 'no-store',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

/**
 * Serves the files of a folder, and nothing outside it, to clients that know `url`.
 *
 * Every process on this machine and every web page open in a browser here can connect to the port. A random secret at
 * the start of the path keeps others out; checks of `Host` and `Origin` keep out pages of other origins, even if
 * their name resolves to this machine.
 */
export async function serveFolder(folder: string, first?: RequestHandler): Promise<StaticServer> {
  const root = await realpath(folder);
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    const path = admittedPath(request, secret);
    if (path === null) return refuse(request, response, 403, 'Forbidden');
    answer(root, path, request, response, first).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else refuse(request, response, 500, String(error));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/${secret}/`, close };
}

/** Answers with a line of text and closes the connection, so that a body still being sent is not read. */
export function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  reason: string,
): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
  response.end(`${reason}\n`, () => request.destroy());
}

/** The path after the secret, or null for a request that must not be answered. */
function admittedPath({ url = '', headers, socket }: IncomingMessage, secret: string): string | null {
  const { host, origin, 'sec-fetch-site': site = 'none' } = headers;
  if (host !== `127.0.0.1:${socket.localPort}`) return null;
  if (origin !== undefined && origin !== `http://${host}`) return null;
  // Images and scripts requested by pages of other origins come without an `Origin`.
  if (site !== 'none' && site !== 'same-origin') return null;
  const [, given, path] = /^\/([^/?]*)\/([^?]*)/.exec(url) ?? [];
  return given !== undefined && isSame(given, secret) ? path! : null;
}

function isSame(given: string, secret: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(secret)];
  return a.length === b.length && timingSafeEqual(a, b);
}

async function answer(
  root: string,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  first: RequestHandler | undefined,
): Promise<void> {
  if (await first?.(path, request, response)) return;
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    return refuse(request, response, 405, 'Method not allowed');
  }
  const file = await findFile(root, path);
  if (!file) return refuse(request, response, 404, 'Not found');
  response.writeHead(200, {
    'content-type': MIME[extname(file.path).toLowerCase()] ?? 'application/octet-stream',
    'content-length': file.size,
  });
  if (request.method === 'HEAD') response.end();
  else await pipeline(createReadStream(file.path), response);
}

/** Links are resolved before the check, so that none leads out of the folder. */
async function findFile(root: string, encoded: string): Promise<{ path: string; size: number } | null> {
  try {
    const name = decodeURIComponent(encoded);
    const path = await realpath(join(root, name === '' || name.endsWith('/') ? `${name}index.html` : name));
    const status = await stat(path);
    return path.startsWith(root + sep) && status.isFile() ? { path, size: status.size } : null;
  } catch {
    return null;
  }
}
