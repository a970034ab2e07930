import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';

export interface StaticServer {
  /** `http://127.0.0.1:PORT`, without a slash at the end. A secure context, as WebGPU needs. */
  readonly url: string;
  close(): Promise<void>;
}

/** Answers a request and returns true, or leaves it to the files and returns false. */
export type RequestHandler = (
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

/** Serves the files of a folder, and nothing outside of it, to this machine only. */
export async function serveFolder(folder: string, first?: RequestHandler): Promise<StaticServer> {
  const root = await realpath(folder);
  const server = createServer((request, response) => {
    answer(root, request, response, first).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' });
      response.end(String(error));
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
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

async function answer(
  root: string,
  request: IncomingMessage,
  response: ServerResponse,
  first: RequestHandler | undefined,
): Promise<void> {
  if (await first?.(request, response)) return;
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end();
    return;
  }
  const file = await findFile(root, request.url ?? '/');
  if (!file) {
    response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('Not found\n');
    return;
  }
  response.writeHead(200, {
    'content-type': MIME[extname(file.path).toLowerCase()] ?? 'application/octet-stream',
    'content-length': file.size,
    'cache-control': 'no-store',
  });
  if (request.method === 'HEAD') response.end();
  else await pipeline(createReadStream(file.path), response);
}

/** Links are followed before the check, so that none leads out of the folder. */
async function findFile(root: string, url: string): Promise<{ path: string; size: number } | null> {
  try {
    const name = decodeURIComponent(new URL(url, 'http://localhost').pathname);
    const path = await realpath(join(root, name.endsWith('/') ? `${name}index.html` : name));
    const status = await stat(path);
    return path.startsWith(root + sep) && status.isFile() ? { path, size: status.size } : null;
  } catch {
    return null;
  }
}
