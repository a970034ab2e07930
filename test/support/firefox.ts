import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, launch, type Page } from 'puppeteer';
import { serveModule, visit } from './page';

/**
 * Firefox as a second opinion: its WebGPU (wgpu, with the WGSL compiler naga) shares no code with Chrome's and
 * Node's (Dawn, Tint).
 */
export interface FirefoxPage {
  readonly page: Page;
  /** The browser's own version string: `firefox/153.7.0`. */
  readonly version: string;
  close(): Promise<void>;
}

const NAMES = ['firefox', 'firefox-esr'];
const MAC = '/Applications/Firefox.app/Contents/MacOS/firefox';

/** The one named by GLOCAL_FIREFOX, or the first in the path; null, with a warning, if there is none. */
export function findFirefox(): string | null {
  const named = process.env.GLOCAL_FIREFOX;
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  const places = named ? [named] : [...NAMES.flatMap((name) => folders.map((at) => join(at, name))), MAC];
  const found = places.find((place) => existsSync(place)) ?? null;
  if (!found) {
    console.error(
      `SKIPPED: no Firefox ${named ? `at ${named}` : 'on this machine'}. Nothing was checked against it.`,
    );
  }
  return found;
}

/** Starts headless Firefox with WebGPU. @param downloads where it saves files, without asking. */
export function launchFirefox(executablePath: string, downloads?: string): Promise<Browser> {
  return launch({
    browser: 'firefox',
    executablePath,
    headless: true,
    timeout: 180_000,
    protocolTimeout: 0,
    extraPrefsFirefox: {
      // Still behind a preference on some systems; the second allows lavapipe without a GPU.
      'dom.webgpu.enabled': true,
      'gfx.webgpu.ignore-blocklist': true,
      ...(downloads !== undefined && {
        'browser.download.folderList': 2,
        'browser.download.dir': downloads,
        'browser.download.useDownloadDir': true,
        'browser.download.alwaysOpenPanel': false,
      }),
    },
  });
}

/** Bundles a module for the browser and opens a blank page of headless Firefox that has run it. */
export async function openFirefoxPage(executablePath: string, entry: string): Promise<FirefoxPage> {
  const server = await serveModule(entry);
  const browser = await launchFirefox(executablePath);
  const close = async () => {
    await browser.close();
    await server.close();
  };
  return { page: await visit(browser, server.url), version: await browser.version(), close };
}
