import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as errors from '../../errors';
import { type LaunchedChrome, launchChrome, newPage } from '../../gpu/node/launch-chrome';
import { serveFolder } from '../../gpu/node/serve';
import { ON_PROCESSOR, type OpponentName } from '../opponent';
import type { PageAnswer } from '../page/page';
import type { BenchJob } from '../run';
import { describeEnvironment, findClone } from './environment';
import type { Harnessed } from './node-harness';
import { loadVite, requireOpponents } from './opponents';
import { processorTimeOfTree } from './processor-time';

const HTML = '<!doctype html><link rel="icon" href="data:," /><script type="module" src="page.js"></script>';

/**
 * Measures in a page of headless Chrome. The page is bundled from a clone's sources, so that it can include
 * opponents.
 *
 * @throws {InputError} outside of a clone, or if an opponent is not installed.
 */
export async function benchInChrome(
  job: BenchJob,
  against: readonly OpponentName[],
  onNotice: (message: string) => void,
): Promise<Harnessed> {
  const outside = against.filter((name) => ON_PROCESSOR.includes(name));
  if (outside.length > 0) {
    throw new errors.InputError(
      `${outside.join(' and ')} computes on the processor, in Node only. Leave it out, or use --runtime node.`,
    );
  }
  const clone = against.length > 0 ? requireOpponents(against) : findClone();
  if (clone === null) {
    throw new errors.InputError(
      '--runtime chrome bundles its page from the sources, so it needs a clone of the repository. Use --runtime node.',
    );
  }
  const folder = await mkdtemp(join(tmpdir(), 'glocal-bench-'));
  try {
    await bundlePage(clone, folder, against.length > 0);
    const chrome = await launchChrome();
    try {
      return await measure(chrome, folder, { job, against, onNotice });
    } finally {
      await chrome.browser.close();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function bundlePage(clone: string, folder: string, withOpponents: boolean): Promise<void> {
  const { build } = await loadVite();
  const entry = withOpponents ? 'bench/opponents/page.ts' : 'src/bench/page/alone.ts';
  await build({
    root: clone,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    base: './',
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: 'es2022',
      modulePreload: { polyfill: false },
      rollupOptions: {
        checks: { pluginTimings: false },
        input: { page: join(clone, entry) },
        output: { entryFileNames: '[name].js' },
      },
    },
  });
  await writeFile(join(folder, 'index.html'), HTML);
}

interface PageTask {
  readonly job: BenchJob;
  readonly against: readonly OpponentName[];
  readonly onNotice: (message: string) => void;
}

async function measure(chrome: LaunchedChrome, folder: string, task: PageTask): Promise<Harnessed> {
  const { browser, version, software } = chrome;
  const server = await serveFolder(folder);
  try {
    const page = await newPage(browser);
    page.on('console', (message) => {
      if (message.type() === 'error') task.onNotice(`page: ${message.text()}`);
    });
    await page.exposeFunction('glocalNotice', task.onNotice);
    const id = browser.process()?.pid;
    if (id !== undefined && processorTimeOfTree(id) !== null) {
      await page.exposeFunction('glocalCpu', () => processorTimeOfTree(id));
    }
    await page.goto(server.url, { waitUntil: 'load' });
    await page.waitForFunction(() => 'glocalBench' in window);
    const answer = await page.evaluate((job, against) => window.glocalBench(job, against), task.job, [
      ...task.against,
    ]);
    const driver = software ? 'SwiftShader, as Chrome was told' : "Chrome's choice";
    const { outcome, traits } = answered(answer);
    return {
      ...outcome,
      environment: describeEnvironment(traits, { driver, runtime: version, kernels: 'as shipped' }),
    };
  } finally {
    await server.close();
  }
}

type Answered = Extract<PageAnswer, { outcome: unknown }>;

/** Restores the class of an error from the page, so that the command can tell errors apart. */
function answered(answer: PageAnswer): Answered {
  if ('outcome' in answer) return answer;
  const { name, message } = answer.error;
  const Kind = (errors as Readonly<Record<string, unknown>>)[name];
  if (typeof Kind === 'function') throw new (Kind as typeof errors.GlocalError)(message);
  throw new Error(`The page failed: ${name}: ${message}`);
}
