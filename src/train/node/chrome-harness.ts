import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'puppeteer';
import * as errors from '../../errors';
import { type LaunchedChrome, launchChrome, newPage } from '../../gpu/node/launch-chrome';
import type { RunResult } from '../job';
import type { PageEnd } from '../page/protocol';
import { DivergenceError } from '../run';
import type { HarnessJob } from './harness';
import { servePage } from './page-server';

/** After Ctrl-C the page must have time to write a last checkpoint. */
export const TRAINING_CHROME = { endOnSignals: false } as const;

/** Where the build puts the page, relative to the bundled command. */
const PAGE_FOLDER = fileURLToPath(new URL('../train-page', import.meta.url));

/**
 * Trains in a page of headless Chrome. Files stay with this process: the page fetches scenes from a local server and
 * sends back log lines and checkpoints.
 *
 * @throws GlocalError of the same class as thrown in the page; BrowserLostError if the page or browser ends before
 * the run.
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
    job.onNotice(`Browser: ${chrome.version}.`);
    const page = await newPage(chrome.browser).catch(notOpened);
    const ended = endOf(page);
    const server = await servePage(pageFolder, job, ended.resolve);
    try {
      await page.goto(server.url).catch(notOpened);
      return resultOf(await ended.promise);
    } finally {
      await server.close();
    }
  } finally {
    // A killed browser does not answer, and the run's outcome is already known.
    await chrome.browser.close().catch(() => {});
  }
}

/** This process serves the page itself, so if it does not open, the browser has failed. */
function notOpened(cause: unknown): never {
  const reason = cause instanceof Error ? cause.message : String(cause);
  throw new errors.BrowserLostError(`The browser did not open the training page: ${reason}`, { cause });
}

/** Settles when the page reports its end, throws an uncaught error, or loses its browser. */
function endOf(page: Page): { promise: Promise<PageEnd>; resolve: (end: PageEnd) => void } {
  let resolve!: (end: PageEnd) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<PageEnd>((onResolve, onReject) => {
    [resolve, reject] = [onResolve, onReject];
  });
  promise.catch(() => {}); // Awaited only after the page has loaded.
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

/** Restores the class of an error from the page, so that the command can tell errors apart. */
function resultOf(end: PageEnd): RunResult {
  if ('result' in end) return end.result;
  const { name, message } = end.error;
  const known: Readonly<Record<string, unknown>> = { ...errors, DivergenceError };
  const Kind = known[name];
  if (typeof Kind === 'function') throw new (Kind as typeof errors.GlocalError)(message);
  throw new Error(`The training page failed: ${name}: ${message}`);
}
