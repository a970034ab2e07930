import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'puppeteer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser } from '../support/page';
import { type App, openSite, type Site, startApp, workerOf } from './app-page';

/** The built pages on a web host: service worker, caches, policies. */

const PATIENCE = 240_000;

/** The headers that the sample file for static hosts sets for every address. */
async function sampleHeaders(): Promise<Record<string, string>> {
  const file = fileURLToPath(new URL('../../src/app/public/_headers', import.meta.url));
  const lines = (await readFile(file, 'utf8')).split('\n');
  const first = lines.slice(lines.indexOf('/*') + 1, lines.indexOf('/service-worker.js'));
  return Object.fromEntries(
    first.map((line) =>
      line
        .trim()
        .split(/: (.*)/)
        .slice(0, 2),
    ),
  );
}

describe.skipIf(!hasBrowser())('the built pages on a host', { timeout: PATIENCE }, () => {
  let app: App;
  /** Stands for any other origin; counts requests to it. */
  let foreign: Server;
  let reached = 0;

  beforeAll(async () => {
    foreign = createServer((_, response) => {
      reached++;
      response.writeHead(200, { 'access-control-allow-origin': '*' }).end('hello');
    });
    await new Promise<void>((resolve) => foreign.listen(0, '127.0.0.1', resolve));
    app = await startApp();
  });
  afterAll(async () => {
    await app?.close();
    foreign.close();
  });

  async function open(site: Site, file = ''): Promise<Page> {
    const { page } = await openSite(app, site, file);
    page.setDefaultTimeout(PATIENCE);
    return page;
  }

  /** Opens the page and waits until its service worker has cached the files. */
  async function install(site: Site): Promise<Page> {
    const page = await open(site);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    return page;
  }

  /** Publishes a new version of the site: the page is marked, and no file name changes. */
  async function release(folder: string, mark: string): Promise<void> {
    await appendFile(join(folder, 'index.html'), `<!-- ${mark} -->`);
    const worker = join(folder, 'service-worker.js');
    const code = await readFile(worker, 'utf8');
    await writeFile(worker, code.replace(/[0-9a-f]{16}(?=[`'"])/, mark.padEnd(16, '0').slice(0, 16)));
  }

  /** Looks for a new version and waits until it has taken over. */
  const update = (page: Page) =>
    page.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready;
      await registration.update();
      const next = registration.installing ?? registration.waiting;
      if (!next) throw new Error('There is no new version.');
      while (next.state !== 'installed' && next.state !== 'activated' && next.state !== 'redundant')
        await new Promise((resolve) => next.addEventListener('statechange', resolve, { once: true }));
      return next.state;
    });

  const cacheNames = (page: Page) => page.evaluate(() => caches.keys());

  it('caches the files of a new version despite a long max-age', async () => {
    app.headers = { 'cache-control': 'max-age=3600' };
    const folder = await app.copyOf('one');
    const page = await install('one');
    await release(folder, 'aaaa');
    expect(await update(page)).not.toBe('redundant');
    const kept = await page.evaluate(async () => {
      const name = (await caches.keys()).find((key) => key.includes('aaaa'));
      const answer = name && (await (await caches.open(name)).match('./'));
      return answer ? answer.text() : '';
    });
    expect(kept).toContain('<!-- aaaa -->');
    await page.close();
    app.headers = {};
  });

  it('touches no cache of another deployment on its origin', async () => {
    const two = await install('two');
    const before = (await cacheNames(two)).filter((name) => name.includes('/two/'));
    expect(before).toHaveLength(1);
    // With no page open, the new version of the other site takes over and cleans up after itself.
    const one = await open('one');
    await one.waitForFunction(async () => {
      const registration = await navigator.serviceWorker.ready;
      return registration.waiting === null && registration.active?.state === 'activated';
    });
    const names = await cacheNames(one);
    expect(names.filter((name) => name.includes('/one/'))).toHaveLength(1);
    expect(names).toEqual(expect.arrayContaining(before));
    await one.close();
    await two.close();
  });

  it('leaves other pages in its folder alone, online and offline', async () => {
    const folder = await app.copyOf('one');
    await mkdir(join(folder, 'neighbour'));
    await writeFile(join(folder, 'neighbour', 'index.html'), '<title>neighbour</title>');
    const page = await install('one');
    await page.reload();
    for (const path of ['neighbour/', 'neighbour/index.html']) {
      await page.goto(app.url('one') + path);
      expect(await page.title()).toBe('neighbour');
    }
    const missing = await page.goto(`${app.url('one')}nothing-here`);
    expect(missing?.status()).toBe(404);
    await page.goto(`${app.url('one')}index.html?x=1`);
    expect(await page.title()).toMatch(/^glocal/);
    await page.close();
  });

  it('sends nothing to other origins, not even from the worker that holds the photos', async () => {
    const page = await open('plain');
    // Only a worker whose modules have loaded answers reliably.
    await page.waitForSelector('#adapter[data-state="slow"], #adapter[data-state="ready"]');
    const worker = await workerOf(page);
    const address = `http://127.0.0.1:${(foreign.address() as AddressInfo).port}/`;
    const attempt = async (url: string) => {
      try {
        await fetch(url, { method: 'POST', body: 'photo' });
        return 'sent';
      } catch (error) {
        return String(error);
      }
    };
    expect(await page.evaluate(attempt, address)).toMatch(/TypeError/);
    expect(await worker.evaluate(attempt, address)).toMatch(/TypeError/);
    const socket = await worker.evaluate(
      (url) =>
        new Promise((resolve) => {
          try {
            const opened = new WebSocket(url.replace('http', 'ws'));
            opened.onerror = () => resolve('refused');
            opened.onopen = () => resolve('open');
          } catch {
            resolve('refused');
          }
        }),
      address,
    );
    // As text: the test runner replaces import() in functions.
    const script = await worker.evaluate(
      `import(${JSON.stringify(`${address}x.js`)}).then(() => 'loaded', () => 'refused')`,
    );
    const elsewhere = [socket, script];
    expect(elsewhere).toEqual(['refused', 'refused']);
    expect(reached).toBe(0);
    await page.close();
  });

  it('works with the sample headers, whose policy equals that of the pages', async () => {
    app.headers = await sampleHeaders();
    const policy = app.headers['Content-Security-Policy']!;
    for (const name of ['index.html', 'live.html', 'bench.html', 'train.html']) {
      const html = await readFile(fileURLToPath(new URL(`../../src/app/${name}`, import.meta.url)), 'utf8');
      const [, meta] = /Content-Security-Policy"\s+content="([^"]*)"/.exec(html)!;
      expect(policy).toBe(`${meta}; frame-ancestors 'none'`);
    }
    const { page, complaints } = await openSite(app, 'plain');
    page.setDefaultTimeout(PATIENCE);
    await page.waitForSelector('#adapter[data-state="slow"], #adapter[data-state="ready"]');
    expect(complaints).toEqual({ errors: [], foreign: [] });
    await page.close();
    app.headers = {};
  });
});
