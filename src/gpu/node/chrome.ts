import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../../errors';
import { findBundle } from './bundled';

/** A browser on this machine: `puppeteer` was downloaded by puppeteer, `bundled` comes from @sparticuz/chromium. */
export interface ChromeChoice {
  readonly kind: 'named' | 'installed' | 'puppeteer' | 'bundled';
  /** The executable or, for the bundled one, the archive to unpack at launch. */
  readonly path: string;
}

/** The machine's properties for choosing a browser; tests substitute another. */
export interface ChromeHost {
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  exists(path: string): boolean;
  /** The browser downloaded by puppeteer, or null. */
  puppeteerBrowser(): string | null;
  /** The archive of the browser installed by npm, or null. */
  bundledArchive(): string | null;
}

const LINUX_NAMES = [
  'google-chrome-stable',
  'google-chrome',
  'chromium',
  'chromium-browser',
  'microsoft-edge',
];
const MAC_APPS = ['Google Chrome', 'Chromium', 'Microsoft Edge'];
const WINDOWS_PATHS = ['Google\\Chrome\\Application\\chrome.exe', 'Microsoft\\Edge\\Application\\msedge.exe'];

/**
 * Finds a browser: the one named by the user (`named`, or the variable GLOCAL_CHROME: a path, or `bundled` for
 * npm's), an installed one, puppeteer's, or npm's. Null if there is none.
 *
 * @throws {InputError} when the named browser does not exist.
 */
export function findChrome(named?: string, host: ChromeHost = thisMachine): ChromeChoice | null {
  const name = named ?? host.environment.GLOCAL_CHROME;
  const archive = host.bundledArchive();
  const bundled: ChromeChoice | null = archive ? { kind: 'bundled', path: archive } : null;
  if (name === 'bundled') {
    if (!bundled)
      throw new InputError('npm installed no browser. On Linux x64 run: npm install @sparticuz/chromium');
    return bundled;
  }
  if (name) {
    if (!host.exists(name))
      throw new InputError(`There is no browser at ${name}. Name another one, or none.`);
    return { kind: 'named', path: name };
  }
  const path = usualPlaces(host).find((place) => host.exists(place));
  if (path) return { kind: 'installed', path };
  const fetched = host.puppeteerBrowser();
  return fetched ? { kind: 'puppeteer', path: fetched } : bundled;
}

function usualPlaces({ platform, environment, home }: ChromeHost): string[] {
  if (platform === 'darwin') {
    const folders = ['/Applications', `${home}/Applications`];
    return MAC_APPS.flatMap((app) => folders.map((folder) => `${folder}/${app}.app/Contents/MacOS/${app}`));
  }
  if (platform === 'win32') {
    const roots = [environment.PROGRAMFILES, environment['PROGRAMFILES(X86)'], environment.LOCALAPPDATA];
    return WINDOWS_PATHS.flatMap((path) => roots.filter(Boolean).map((root) => `${root}\\${path}`));
  }
  const folders = (environment.PATH ?? '').split(':').filter(Boolean);
  return [
    ...LINUX_NAMES.flatMap((name) => folders.map((folder) => join(folder, name))),
    '/opt/google/chrome/chrome',
    '/snap/bin/chromium',
  ];
}

const thisMachine: ChromeHost = {
  platform: process.platform,
  environment: process.env,
  home: homedir(),
  exists: existsSync,
  puppeteerBrowser() {
    try {
      const puppeteer = createRequire(import.meta.url)('puppeteer') as { executablePath(): string };
      const path = puppeteer.executablePath();
      return existsSync(path) ? path : null;
    } catch {
      return null;
    }
  },
  bundledArchive: () => {
    const bundle = findBundle();
    return bundle && join(bundle.archives, 'chromium.br');
  },
};

const VERSION_TIMEOUT_MS = 10_000;

/** The browser's own version string, without starting it; null if unavailable (Windows). */
export async function chromeVersion({ kind, path }: ChromeChoice): Promise<string | null> {
  if (kind === 'bundled') return `Chromium ${findBundle()?.version} (@sparticuz/chromium)`;
  if (process.platform === 'win32') return null;
  return new Promise((resolve) => {
    execFile(path, ['--version'], { timeout: VERSION_TIMEOUT_MS }, (error, stdout) => {
      resolve(error ? null : stdout.trim() || null);
    });
  });
}
