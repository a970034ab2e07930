import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type StaticServer, serveFolder } from '../../src/gpu/node/serve';

let folder: string;
let server: StaticServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'glocal-serve-'));
  await mkdir(join(folder, 'site'));
  await writeFile(join(folder, 'secret.txt'), 'secret');
  await writeFile(join(folder, 'site', 'index.html'), '<p>home</p>');
  await writeFile(join(folder, 'site', 'app.js'), 'export {}');
  await symlink(join(folder, 'secret.txt'), join(folder, 'site', 'link.txt'));
  server = await serveFolder(join(folder, 'site'), (incoming, response) => {
    if (incoming.url !== '/hello') return false;
    response.end('from the handler');
    return true;
  });
});

afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

/** Unlike `fetch`, sends the path as it is. */
function get(
  path: string,
  method = 'GET',
): Promise<{ status: number; type: string | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${server.url}`, { path, method }, async (response) => {
      let body = '';
      for await (const chunk of response) body += chunk;
      resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'], body });
    });
    outgoing.once('error', reject).end();
  });
}

describe('serveFolder', () => {
  it('serves files with their type', async () => {
    expect(await get('/')).toEqual({ status: 200, type: 'text/html; charset=utf-8', body: '<p>home</p>' });
    expect((await get('/app.js?v=1')).type).toBe('text/javascript; charset=utf-8');
    expect(await get('/app.js', 'HEAD')).toMatchObject({ status: 200, body: '' });
  });

  it.each(['/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/link.txt', '/none', '/%'])(
    'hides %j',
    async (path) => {
      const answer = await get(path);
      expect(answer.status).toBe(404);
      expect(answer.body).not.toContain('secret');
    },
  );

  it('takes no uploads', async () => expect((await get('/', 'POST')).status).toBe(405));

  it('asks the handler first', async () => expect((await get('/hello')).body).toBe('from the handler'));
});
