import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { type OutgoingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type StaticServer, serveFolder } from '../../src/gpu/node/serve';

let folder: string;
let server: StaticServer;
/** How often the handler was reached. */
let asked = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'glocal-serve-'));
  await mkdir(join(folder, 'site'));
  await writeFile(join(folder, 'secret.txt'), 'secret');
  await writeFile(join(folder, 'site', 'index.html'), '<p>home</p>');
  await writeFile(join(folder, 'site', 'app.js'), 'export {}');
  await symlink(join(folder, 'secret.txt'), join(folder, 'site', 'link.txt'));
  server = await serveFolder(join(folder, 'site'), (path, _, response) => {
    if (path !== 'hello') return false;
    asked++;
    response.end('from the handler');
    return true;
  });
});

afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** Unlike `fetch`, sends path and headers as they are. */
function ask(path: string, method = 'GET', headers: OutgoingHttpHeaders = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(new URL(server.url).origin, { path, method, headers }, async (response) => {
      let body = '';
      for await (const chunk of response) body += chunk;
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
    });
    outgoing.once('error', reject).end();
  });
}

/** A path below the secret. */
const below = (path: string): string => `${new URL(server.url).pathname}${path}`;
const get = (path: string, method?: string) => ask(below(path), method);

describe('serveFolder', () => {
  it('serves files with their type', async () => {
    const home = await get('');
    expect(home).toMatchObject({ status: 200, body: '<p>home</p>' });
    expect(home.headers['content-type']).toBe('text/html; charset=utf-8');
    expect((await get('app.js?v=1')).headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect(await get('app.js', 'HEAD')).toMatchObject({ status: 200, body: '' });
  });

  it.each(['../secret.txt', '%2e%2e/secret.txt', '..%2fsecret.txt', 'link.txt', 'none', '%'])(
    'hides %j',
    async (path) => {
      const answer = await get(path);
      expect(answer.status).toBe(404);
      expect(answer.body).not.toContain('secret');
    },
  );

  it('takes no uploads', async () => expect((await get('', 'POST')).status).toBe(405));

  it('asks the handler first', async () => expect((await get('hello')).body).toBe('from the handler'));

  describe('refuses, without asking the handler,', () => {
    const secret = () => new URL(server.url).pathname.slice(1, -1);
    const port = () => new URL(server.url).port;
    const origin = () => new URL(server.url).origin;

    it.each<[string, () => string, () => OutgoingHttpHeaders]>([
      ['no secret', () => '/hello', () => ({})],
      ['no secret, at the root', () => '/', () => ({})],
      ['another secret', () => `/${'x'.repeat(secret().length)}/hello`, () => ({})],
      ['part of the secret', () => `/${secret().slice(0, -1)}/hello`, () => ({})],
      ['a foreign Host', () => below('hello'), () => ({ host: `evil.example:${port()}` })],
      ['a name of this machine as Host', () => below('hello'), () => ({ host: `localhost:${port()}` })],
      ['a foreign Origin', () => below('hello'), () => ({ origin: 'https://evil.example' })],
      ['an opaque Origin', () => below('hello'), () => ({ origin: 'null' })],
      ['another port as Origin', () => below('hello'), () => ({ origin: 'http://127.0.0.1:1' })],
      ['an image on a foreign page', () => below('hello'), () => ({ 'sec-fetch-site': 'cross-site' })],
      ['a page of the same site', () => below('hello'), () => ({ 'sec-fetch-site': 'same-site' })],
    ])('%s', async (_, path, headers) => {
      const before = asked;
      for (const method of ['GET', 'POST', 'OPTIONS']) {
        const answer = await ask(path(), method, headers());
        expect(answer.status).toBe(403);
        expect(answer.headers['access-control-allow-origin']).toBeUndefined();
      }
      expect(asked).toBe(before);
    });

    it('but not its own pages', async () => {
      const headers = { origin: origin(), 'sec-fetch-site': 'same-origin' };
      expect((await ask(below('hello'), 'GET', headers)).status).toBe(200);
    });
  });

  it('lets no other origin embed or read what it serves', async () => {
    expect((await get('')).headers).toMatchObject({
      'cross-origin-resource-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
  });

  it('has another secret every time', async () => {
    const other = await serveFolder(join(folder, 'site'));
    await other.close();
    expect(new URL(other.url).pathname).not.toBe(new URL(server.url).pathname);
    expect(new URL(other.url).pathname.length).toBeGreaterThan(20);
  });
});
