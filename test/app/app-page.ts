import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Page, WebWorker } from 'puppeteer';
import sharp from 'sharp';
import { type LaunchedChrome, launchChrome } from '../../src/gpu/node/launch-chrome';
import { serveFolder } from '../../src/gpu/node/serve';
import { built, repository } from '../support/built';

/**
 * Sites: the built page, each in its own folder of the server, with a line of script inserted before the worker's
 * code. A real browser without WebGPU, or a dying device, is not available on demand; this is as near as it gets.
 */
const HIDE = `
    const hide = (name, value) => Object.defineProperty(GPUAdapterInfo.prototype, name, { get: () => value });
    hide('vendor', 'acme');
    hide('architecture', 'gen-1');
    for (const name of ['device', 'description']) hide(name, '');
    hide('isFallbackAdapter', false);`;

const NO_ADAPTER = 'GPU.prototype.requestAdapter = async () => null;';

const SITES = {
  plain: '',
  // Two deployments on one origin, for tests that need no device.
  one: NO_ADAPTER,
  two: NO_ADAPTER,
  'no-webgpu': "Object.defineProperty(navigator, 'gpu', { value: undefined });",
  'no-adapter': `
    const { requestAdapter } = GPU.prototype;
    ${NO_ADAPTER}
    self.plugIn = () => Object.assign(GPU.prototype, { requestAdapter });`,
  // Its device dies at the first work after `self.isDoomed` is set.
  mortal: `
    const { createCommandEncoder } = GPUDevice.prototype;
    GPUDevice.prototype.createCommandEncoder = function (...options) {
      if (self.isDoomed) this.destroy();
      self.isDoomed = false;
      return createCommandEncoder.apply(this, options);
    };`,
  // Its kernels are not compiled until `self.release()`.
  held: `
    const { createComputePipelineAsync } = GPUDevice.prototype;
    const released = new Promise((resolve) => { self.release = resolve; });
    GPUDevice.prototype.createComputePipelineAsync = async function (...options) {
      await released;
      return createComputePipelineAsync.apply(this, options);
    };`,
  // Counts the work for the device: passes of the network and of the photo's pixels.
  counted: `
    const { beginComputePass } = GPUCommandEncoder.prototype;
    self.passes = 0;
    GPUCommandEncoder.prototype.beginComputePass = function (...options) {
      self.passes++;
      return beginComputePass.apply(this, options);
    };`,
  // Hides that the adapter is software, so that the kernels for GPUs run.
  hidden: HIDE,
  // Only compatibility mode gets an adapter, as on devices with OpenGL ES only.
  compatible: `
    const { requestAdapter } = GPU.prototype;
    GPU.prototype.requestAdapter = async function (options) {
      return options?.featureLevel === 'compatibility' ? requestAdapter.call(this, options) : null;
    };
    const { requestDevice } = GPUAdapter.prototype;
    GPUAdapter.prototype.requestDevice = async function (options) {
      const device = await requestDevice.call(this, options);
      self.hasCore = device.features.has('core-features-and-limits');
      return device;
    };`,
  // Also hidden, limited to what compatibility mode guarantees: 128 lanes per workgroup, no features.
  capped: `${HIDE}
    const { requestAdapter } = GPU.prototype;
    GPU.prototype.requestAdapter = function (options) {
      return requestAdapter.call(this, { ...options, featureLevel: 'compatibility' });
    };
    const { requestDevice } = GPUAdapter.prototype;
    GPUAdapter.prototype.requestDevice = async function () {
      const device = await requestDevice.call(this);
      self.lanes = device.limits.maxComputeInvocationsPerWorkgroup;
      return device;
    };`,
} as const;

export type Site = keyof typeof SITES;

export interface ServedApp {
  /** Where saved files end up. */
  readonly downloads: string;
  /** An empty folder for the photos of a test. */
  readonly photos: string;
  url(site: Site): string;
  /** Extra headers for every response; initially none. */
  headers: Readonly<Record<string, string>>;
  /** Whether the landing gets the example that it enhances by itself: a small copy, which a processor soon finishes. */
  hasDemo: boolean;
  /** Copies a site to a folder that the test may change, and serves it from there. */
  copyOf(site: Site): Promise<string>;
  /** Makes the server drop all connections. */
  goOffline(): void;
  close(): Promise<void>;
}

export interface App extends ServedApp {
  readonly chrome: LaunchedChrome;
}

/** Serves the page and starts a browser with a software adapter. */
export async function startApp(): Promise<App> {
  const served = await serveApp();
  // A camera that shows a test picture.
  const chrome = await launchChrome({
    software: true,
    args: ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
  });
  await saveTo(served.downloads, chrome);
  const { close } = served;
  return Object.assign(served, {
    chrome,
    close: async () => {
      await chrome.browser.close();
      await close();
    },
  });
}

/** Lets the browser save files into a folder without asking. */
export async function saveTo(folder: string, { browser }: LaunchedChrome): Promise<void> {
  const session = await browser.target().createCDPSession();
  await session.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: folder });
}

/** Builds the page into a folder of its own and serves it. */
export async function serveApp(): Promise<ServedApp> {
  const folder = await mkdtemp(join(tmpdir(), 'glocal-app-'));
  const downloads = await mkdtemp(join(tmpdir(), 'glocal-saved-'));
  const photos = await mkdtemp(join(tmpdir(), 'glocal-photos-'));
  await buildPage(folder);
  let isOffline = false;
  const copies = new Map<string, string>();
  const server = await serveFolder(folder, (path, request, response) => {
    const [site = ''] = path.split('/');
    if (!isOffline) return serveSite(copies.get(site) ?? folder, path, response, served);
    request.socket.destroy();
    return true;
  });
  const close = async () => {
    await server.close();
    for (const made of [folder, downloads, photos, ...copies.values()]) await rm(made, { recursive: true });
  };
  const copyOf = async (site: Site) => {
    const copy = await mkdtemp(join(tmpdir(), 'glocal-site-'));
    await cp(folder, copy, { recursive: true });
    copies.set(site, copy);
    return copy;
  };
  const goOffline = () => {
    isOffline = true;
  };
  const url = (site: Site) => `${server.url}${site}/`;
  const served: ServedApp = {
    downloads,
    photos,
    url,
    headers: {},
    hasDemo: false,
    copyOf,
    goOffline,
    close,
  };
  return served;
}

/** The page of the last build, or a new build if that is out of date. */
async function buildPage(folder: string): Promise<void> {
  const dist = await built();
  if (dist) {
    await cp(join(dist, 'app'), folder, { recursive: true });
    return;
  }
  // In another process: vite only builds for production if NODE_ENV is not set otherwise.
  const { NODE_ENV: _, ...env } = process.env;
  const vite = ['node_modules/vite/bin/vite.js', 'build', '--config', 'vite.app.config.ts'];
  await promisify(execFile)(process.execPath, [...vite, '--outDir', folder, '--emptyOutDir'], {
    cwd: repository,
    env,
  });
}

/** Things a page must never do; tests expect all of these to stay empty. */
export interface Complaints {
  readonly errors: string[];
  readonly foreign: string[];
}

export async function openSite(
  app: App,
  site: Site,
  file = '',
): Promise<{ page: Page; complaints: Complaints }> {
  const page = await app.chrome.browser.newPage();
  const complaints: Complaints = { errors: [], foreign: [] };
  const origin = new URL(app.url(site)).origin;
  page.on('pageerror', (error) => complaints.errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.errors.push(message.text());
  });
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.origin !== origin) complaints.foreign.push(request.url());
  });
  // Unsaved results make the browser ask before leaving.
  page.on('dialog', (dialog) => void dialog.accept());
  await page.evaluateOnNewDocument(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`policy violated: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  // The default of half a minute is not enough on a loaded machine.
  page.setDefaultNavigationTimeout(240_000);
  await page.setViewport({ width: 1280, height: 800 });
  await page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }]);
  // All sites share an origin, and tests must not see each other's settings.
  const session = await page.createCDPSession();
  await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'local_storage' });
  await session.detach();
  await page.goto(app.url(site) + file, { waitUntil: 'load' });
  return { page, complaints };
}

/** The page's worker with the device. It is loaded from a blob, so that it inherits the page's policy. */
export async function workerOf(page: Page): Promise<WebWorker> {
  for (;;) {
    const worker = page.workers().find((candidate) => candidate.url().startsWith('blob:'));
    if (worker) return worker;
    await new Promise((resolve) => page.once('workercreated', resolve));
  }
}

/** Waits for the first saved file of this name. */
export async function savedFile(app: ServedApp, name: string): Promise<Buffer<ArrayBuffer>> {
  for (;;) {
    const names = await readdir(app.downloads);
    // Firefox holds the name with an empty file while it writes the `.part` that then replaces it.
    if (names.includes(name) && !names.some((other) => /\.(part|crdownload)$/.test(other))) {
      const bytes = await readFile(join(app.downloads, name));
      if (bytes.length > 0) {
        await rm(join(app.downloads, name));
        return bytes;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const TYPES: Record<string, string> = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
};

async function serveSite(
  folder: string,
  path: string,
  response: ServerResponse,
  { headers, hasDemo }: Pick<ServedApp, 'headers' | 'hasDemo'>,
): Promise<boolean> {
  const [site = '', ...rest] = path.split('/');
  if (!(site in SITES)) return false;
  const name = rest.join('/') || 'index.html';
  const file = name.endsWith('/') ? `${name}index.html` : name;
  const bytes = await readFile(join(folder, file)).catch(() => null);
  if (!bytes) return false;
  let body: Uint8Array | string = bytes;
  if (/^assets\/worker-.*\.js$/.test(name))
    body = Buffer.concat([Buffer.from(`${SITES[site as Site]}\n`), bytes]);
  if (/^assets\/meadow-.*\.jpg$/.test(name)) body = hasDemo ? await sharp(bytes).resize(270).toBuffer() : '';
  response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream', ...headers });
  response.end(body);
  return true;
}
