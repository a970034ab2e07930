import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'puppeteer-core';
import { build } from 'vite';
import { findChrome } from '../../src/gpu/node/chrome';
import { type LaunchedChrome, launchChrome } from '../../src/gpu/node/launch-chrome';
import { serveFolder } from '../../src/gpu/node/serve';

export interface TestPage {
  readonly page: Page;
  readonly chrome: LaunchedChrome;
  close(): Promise<void>;
}

/** False, and said loudly, where no browser can be had. */
export function hasBrowser(): boolean {
  if (findChrome()) return true;
  console.error(
    'SKIPPED: no Chrome or Chromium on this machine, and npm brought none. The browser tests did not run.',
  );
  return false;
}

const HTML = '<!doctype html><link rel="icon" href="data:," /><script type="module" src="page.js"></script>';

/** Bundles a module for the browser and opens a blank page that has run it. Errors of the page fail the test. */
export async function openPage(entry: string): Promise<TestPage> {
  const folder = await mkdtemp(join(tmpdir(), 'glocal-page-'));
  await build({
    configFile: false,
    logLevel: 'warn',
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: 'es2022',
      minify: false,
      rollupOptions: { checks: { pluginTimings: false } },
      lib: { entry, formats: ['es'], fileName: () => 'page.js' },
    },
  });
  await writeFile(join(folder, 'index.html'), HTML);
  const server = await serveFolder(folder);
  const chrome = await launchChrome();
  const page = await chrome.browser.newPage();
  page.on('pageerror', (error) => console.error(`error in the page: ${error}`));
  page.on('console', (message) => console.log(`page: ${message.text()}`));
  await page.goto(server.url, { waitUntil: 'load' });
  const close = async () => {
    await chrome.browser.close();
    await server.close();
    await rm(folder, { recursive: true });
  };
  return { page, chrome, close };
}
