import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Browser, Page } from 'puppeteer';
import { AdapterError } from '../../errors';
import { unpackBundled } from './bundled';
import { type ChromeChoice, findChrome } from './chrome';
import { serveFolder } from './serve';

interface LaunchChromeOptions {
  /** Path of the browser, or `bundled`; default: see `findChrome`. */
  readonly chrome?: string;
  /** True: SwiftShader; false: a GPU or nothing; default: a GPU if there is one, otherwise SwiftShader. */
  readonly software?: boolean;
  /** On Ctrl-C, closes the browser and ends the process; set to false if the caller has work to finish. */
  readonly endOnSignals?: boolean;
  /** Additional command-line arguments. */
  readonly args?: readonly string[];
}

export interface LaunchedChrome {
  readonly browser: Browser;
  readonly kind: ChromeChoice['kind'];
  /** The browser's own version string: `Chrome/143.0.7499.40`. */
  readonly version: string;
  /** Whether WebGPU was told to use SwiftShader. Announce it to the user. */
  readonly software: boolean;
}

/**
 * Starts a headless browser with WebGPU. Its pages need a secure context: use `serveFolder`.
 *
 * @throws {AdapterError} when there is no browser, or it does not start.
 * @throws {InputError} when the named browser does not exist.
 */
export async function launchChrome(options: LaunchChromeOptions = {}): Promise<LaunchedChrome> {
  const choice = findChrome(options.chrome);
  if (!choice) {
    throw new AdapterError(
      'There is no Chrome or Chromium on this machine. Install one, or name one: GLOCAL_CHROME=/path/to/chrome.',
    );
  }
  if (options.software ?? !mayHaveGpu()) return start(choice, true, options);
  const withGpu = await start(choice, false, options);
  if (options.software === false || (await hasAdapter(withGpu.browser))) return withGpu;
  await withGpu.browser.close();
  return start(choice, true, options);
}

/** Disables network services that an unattended browser does not need, beyond puppeteer's own list. */
const QUIET_FLAGS = [
  '--disable-component-update',
  '--disable-domain-reliability',
  '--no-default-browser-check',
  '--no-pings',
];

/** How long a browser may take to start or to open a page; a busy machine takes most of a minute. */
const PATIENCE_MS = 180_000;

const SOFTWARE_FLAGS = ['--use-webgpu-adapter=swiftshader', '--disable-gpu-watchdog'];

async function start(
  choice: ChromeChoice,
  software: boolean,
  { endOnSignals = true, args: further = [] }: LaunchChromeOptions,
): Promise<LaunchedChrome> {
  const { path, environment } =
    choice.kind === 'bundled' ? await unpackChrome() : { path: choice.path, environment: {} };
  const { launch } = await loadPuppeteer();
  const args = ['--enable-unsafe-webgpu', ...QUIET_FLAGS, ...further];
  if (software) args.push(...SOFTWARE_FLAGS);
  else if (process.platform === 'linux') args.push('--enable-features=Vulkan');
  // Chrome refuses to run its sandbox as root. The bundled one lacks the helper that many systems require for it; it
  // only opens our own pages.
  if (process.getuid?.() === 0 || choice.kind === 'bundled') args.push('--no-sandbox');
  try {
    const browser = await launch({
      executablePath: path,
      headless: choice.kind === 'bundled' ? 'shell' : true,
      args,
      // Without a language, the page's would be `en-US@posix`, which Intl rejects.
      env: { ...process.env, LC_ALL: 'en_US.UTF-8', ...environment },
      timeout: PATIENCE_MS,
      // A training page takes hours to answer.
      protocolTimeout: 0,
      // With a pipe it also ends when this process is killed.
      pipe: true,
      handleSIGINT: endOnSignals,
      handleSIGTERM: endOnSignals,
      handleSIGHUP: endOnSignals,
    });
    return { browser, kind: choice.kind, version: await browser.version(), software };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AdapterError(`The browser ${path} does not start: ${reason}`, { cause });
  }
}

/** Opens a blank page that waits as long as a busy machine needs. */
export async function newPage(browser: Browser): Promise<Page> {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  return page;
}

async function loadPuppeteer(): Promise<typeof import('puppeteer')> {
  try {
    return await import('puppeteer');
  } catch (cause) {
    throw new AdapterError(
      'The package puppeteer, which starts a browser, is not installed. Run: npm install puppeteer',
      { cause, code: 'missing-package' },
    );
  }
}

async function unpackChrome(): Promise<{ path: string; environment: Record<string, string> }> {
  const [chromium, nss, fonts] = await Promise.all([
    unpackBundled('chromium'),
    unpackBundled('nss'),
    unpackBundled('fonts'),
  ]);
  if (!chromium || !nss || !fonts)
    throw new AdapterError('The browser installed by npm is missing. Run npm install again.');
  const libraries = [join(nss, 'lib'), process.env.LD_LIBRARY_PATH].filter(Boolean).join(delimiter);
  const environment: Record<string, string> = { LD_LIBRARY_PATH: libraries };
  if (!existsSync('/etc/fonts/fonts.conf')) environment.FONTCONFIG_FILE = join(fonts, 'fonts.conf');
  return { path: join(chromium, 'chromium'), environment };
}

/** On Linux a GPU has a device file; elsewhere one has to try. */
function mayHaveGpu(): boolean {
  if (process.platform !== 'linux') return true;
  const isGpu = (folder: string, pattern: RegExp) =>
    existsSync(folder) && readdirSync(folder).some((name) => pattern.test(name));
  return isGpu('/dev/dri', /^renderD/) || isGpu('/dev', /^nvidia\d/);
}

async function hasAdapter(browser: Browser): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'glocal-blank-'));
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>blank</title>');
  const server = await serveFolder(folder);
  try {
    const page = await newPage(browser);
    await page.goto(server.url);
    return await page.evaluate(async () => Boolean(await navigator.gpu?.requestAdapter()));
  } finally {
    await server.close();
    await rm(folder, { recursive: true });
  }
}
