import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'puppeteer';
import { build } from 'vite';
import { findChrome } from '../../src/gpu/node/chrome';
import { SLOW_ON_SWIFTSHADER } from '../../src/gpu/node/drivers';
import { type LaunchedChrome, launchChrome, newPage } from '../../src/gpu/node/launch-chrome';
import { type StaticServer, serveFolder } from '../../src/gpu/node/serve';

export interface TestPage {
  readonly page: Page;
  readonly chrome: LaunchedChrome;
  close(): Promise<void>;
}

/** Warns and returns false if no browser is available. */
export function hasBrowser(): boolean {
  if (findChrome()) return true;
  console.error(
    'SKIPPED: no Chrome or Chromium on this machine, and npm installed none. The browser tests did not run.',
  );
  return false;
}

/** Flags of a browser that runs the kernels for GPUs on SwiftShader. */
export const QUICK_TO_COMPILE = [`--disable-dawn-features=${SLOW_ON_SWIFTSHADER}`];

/** Bundles a module for the browser and opens a blank page of Chrome that has run it. */
export async function openPage(entry: string): Promise<TestPage> {
  const server = await serveModule(entry);
  const chrome = await launchChrome({ args: QUICK_TO_COMPILE });
  const page = await visit(chrome.browser, server.url);
  const close = async () => {
    await chrome.browser.close();
    await server.close();
  };
  return { page, chrome, close };
}

const HTML = '<!doctype html><link rel="icon" href="data:," /><script type="module" src="page.js"></script>';

/** A blank page that runs the bundled module; closing it removes the bundle. */
export async function serveModule(entry: string): Promise<StaticServer> {
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
  const { url, close } = await serveFolder(folder);
  return {
    url,
    close: async () => {
      await close();
      await rm(folder, { recursive: true });
    },
  };
}

/** Opens the address and reports everything that the page logs. */
export async function visit(browser: Browser, url: string): Promise<Page> {
  const page = await newPage(browser);
  page.on('pageerror', (error) => console.error(`error in the page: ${error}`));
  page.on('console', (message) => console.log(`page: ${message.text()}`));
  await page.goto(url, { waitUntil: 'load' });
  return page;
}
