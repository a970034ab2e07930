import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'puppeteer';
import * as errors from '../../errors';
import { type LaunchedChrome, launchChrome } from '../../gpu/node/launch-chrome';
import type { PageEnd } from '../page/protocol';
import { DivergenceError, type RunResult } from '../run';
import type { HarnessJob } from './harness';
import { servePage } from './page-server';

/** Ctrl-C must leave the page the time for a last checkpoint. */
export const TRAINING_CHROME = { endOnSignals: false } as const;

/** Where the build puts the page, seen from the bundled command. */
const PAGE_FOLDER = fileURLToPath(new URL('../train-page', import.meta.url));

/**
 * Trains in a page of headless Chrome. Files stay with this process: the page fetches the scenes from a server
 * on this machine and sends back log lines and checkpoints.
 *
 * @throws GlocalError of the page's own kind; BrowserLostError if page or browser end before the run does.
 */
export async function trainInChrome(
  job: HarnessJob,
  options: { readonly pageFolder?: string; readonly chrome?: LaunchedChrome } = {},
): Promise<RunResult> {
  const { pageFolder = PAGE_FOLDER } = options;
  if (!existsSync(join(pageFolder, 'index.html'))) {
    throw new errors.InputError(`The training page is not built (${pageFolder}). Run npm run build.`);
  }
  const chrome = options.chrome ?? (await launchChrome(TRAINING_CHROME));
  try {
    job.say(`Browser: ${chrome.version}.`);
    const page = await chrome.browser.newPage().catch(notOpened);
    const ended = endOf(page);
    const server = await servePage(pageFolder, job, ended.resolve);
    try {
      await page.goto(server.url).catch(notOpened);
      return resultOf(await ended.promise);
    } finally {
      await server.close();
    }
  } finally {
    // One that was killed answers no more, and how the run ended is known by then.
    await chrome.browser.close().catch(() => {});
  }
}

/** The page comes from this process, so that a page that does not open is a browser that failed. */
function notOpened(cause: unknown): never {
  const reason = cause instanceof Error ? cause.message : String(cause);
  throw new errors.BrowserLostError(`The browser did not open the training page: ${reason}`, { cause });
}

/** How the page ends: by its own word, by an error that it did not catch, or with its browser. */
function endOf(page: Page): { promise: Promise<PageEnd>; resolve: (end: PageEnd) => void } {
  let resolve!: (end: PageEnd) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<PageEnd>((onResolve, onReject) => {
    [resolve, reject] = [onResolve, onReject];
  });
  promise.catch(() => {}); // Awaited only once the page is loaded.
  const lost = (how: string) =>
    reject(new errors.BrowserLostError(`The ${how} before the training was done.`));
  page.on('pageerror', (error) =>
    reject(new Error(`The training page failed: ${error instanceof Error ? error.message : String(error)}`)),
  );
  page.on('error', () => lost("browser's page crashed"));
  page.on('close', () => lost("browser's page was closed"));
  page.browser().on('disconnected', () => lost('browser ended'));
  return { promise, resolve };
}

/** Errors keep their class across the border, so that the command can tell them apart. */
function resultOf(end: PageEnd): RunResult {
  if ('result' in end) return end.result;
  const { name, message } = end.error;
  const known: Readonly<Record<string, unknown>> = { ...errors, DivergenceError };
  const Kind = known[name];
  if (typeof Kind === 'function') throw new (Kind as typeof errors.GlocalError)(message);
  throw new Error(`The training page failed: ${name}: ${message}`);
}
