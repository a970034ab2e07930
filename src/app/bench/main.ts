import type { OpenOpponent, Opponent } from '../../bench/opponent';
import { type BenchResult, type Row, speedOf } from '../../bench/results';
import { type BenchJob, runBench } from '../../bench/run';
import { AdapterError, DeviceLostError, MemoryError } from '../../errors';
import { openGpu } from '../../gpu/device';
import type { Gpu } from '../../gpu/types';
import { summarise } from '../adapter-name';
import { explain } from '../problems';
import type { ProblemKind } from '../protocol';
import { browserStore, SettingsStore } from '../settings';
import { percent, text } from '../text/language';
import { byId, setText } from '../ui/dom';
import { download } from '../ui/download';
import { startLanguage } from '../ui/language-switch';
import { say } from '../ui/say';
import { pageEnvironment } from './environment';
import { megapixels, plannedJobs } from './plan';

/** The page that measures the visitor's adapter like `glocal bench`: network, training step, operators. */

/** The site's copy of TensorFlow.js, if any (`scripts/build-opponent.mjs`). */
const TFJS = './opponents/tfjs.js';

/** Hardly any work, for tests: `bench.html?quick`. */
const isQuick = new URLSearchParams(location.search).has('quick');

const button = (id: string) => byId(id, HTMLButtonElement);
const against = byId('against', HTMLInputElement);
const rows = byId('rows', HTMLTableSectionElement);
let results: BenchResult[] = [];
/** Text of the status line in the current language. */
let status = () => '';

button('start').addEventListener('click', () => void start());
button('copy').addEventListener('click', () => void copy());
button('keep').addEventListener('click', () =>
  download(new Blob([json()], { type: 'application/json' }), 'glocal-bench.json'),
);
await startLanguage(new SettingsStore(browserStore()), render);

function render(): void {
  setText('status', status());
  renderSummary();
}

function show(next: () => string): void {
  status = next;
  setText('status', status());
}

async function start(): Promise<void> {
  button('start').disabled = true;
  results = [];
  rows.replaceChildren();
  byId('results', HTMLElement).hidden = true;
  setText('summary', '');
  setUsable(false);
  let gpu: Gpu | undefined;
  try {
    show(() => text('live.starting'));
    gpu = await open();
    const { name, isSoftware } = summarise(gpu.traits);
    setText('adapter-name', name);
    const opponents = against.checked ? await openOpponents(gpu) : [];
    for (const job of plannedJobs(isSoftware, isQuick)) {
      const isTooSlow = isSoftware && job.bench === 'training' && opponents.length > 0;
      if (isTooSlow) say(text('bench.no-tfjs-training'), 'done');
      await measure(job, gpu, isTooSlow ? [] : opponents);
    }
    show(() => text(isSoftware ? 'bench.done-software' : 'bench.done'));
    renderSummary();
    setUsable(true);
  } catch (error) {
    show(() => messageOf(error));
    say(messageOf(error), 'bad');
  } finally {
    gpu?.destroy();
    button('start').disabled = false;
  }
}

const open = (): Promise<Gpu> => {
  if (!navigator.gpu) throw new BenchProblem(isSecureContext ? 'no-webgpu' : 'insecure');
  return openGpu(navigator.gpu, { powerPreference: 'high-performance' });
};

/** TensorFlow.js from this site: visitors are not sent to others, and only load it if they ask for it. */
async function openOpponents(gpu: Gpu): Promise<Opponent[]> {
  try {
    const { open: openTfjs } = (await import(/* @vite-ignore */ new URL(TFJS, document.baseURI).href)) as {
      open: OpenOpponent;
    };
    return [await openTfjs(gpu)];
  } catch (error) {
    console.info(error);
    say(text('bench.no-tfjs'), 'bad');
    return [];
  }
}

async function measure(job: BenchJob, gpu: Gpu, opponents: readonly Opponent[]): Promise<void> {
  const clock = { wall: () => performance.now() };
  const doing = (what: string) => show(() => text('bench.measuring', { what }));
  const { peak, rows: measured } = await runBench(job, {
    gpu,
    openFresh: open,
    opponents,
    clock,
    onNotice: doing,
  });
  const stamp = { commit: null, date: new Date().toISOString() };
  const result: BenchResult = {
    format: 2,
    bench: job.bench,
    environment: pageEnvironment(gpu.traits),
    peak,
    rows: measured.map((row) => ({ ...row, ...stamp })),
  };
  results.push(result);
  for (const row of result.rows) rows.append(tableRow(row, result, megapixels(job)));
  byId('results', HTMLElement).hidden = false;
}

function tableRow(row: Row, { peak }: BenchResult, pixels: number | null): HTMLTableRowElement {
  const { flopShare, byteShare } = speedOf(row.ours, row.work, peak, 'wall');
  const share = flopShare ?? byteShare;
  const ms = row.ours.wall.median;
  const [comparison] = row.comparisons;
  const cells = [
    number(ms),
    pixels === null ? '' : number(ms / pixels),
    share === null ? '' : percent(share),
    comparison && 'ratio' in comparison ? number(comparison.ratio.median) : '',
  ];
  const line = document.createElement('tr');
  const name = Object.assign(document.createElement('th'), { scope: 'row', textContent: row.name });
  line.append(
    name,
    ...cells.map((cell) => Object.assign(document.createElement('td'), { textContent: cell })),
  );
  return line;
}

const number = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));

/** The adapter's peak, which the shares refer to. */
function renderSummary(): void {
  const [first] = results;
  if (!first) return;
  const { multiplyAdd, copy: moved } = first.peak;
  const rate = (amount: number, ms: number) => (amount / ms / 1e6).toPrecision(3);
  const compute = rate(multiplyAdd.flops, multiplyAdd.timing.wall.low);
  const memory = rate(moved.bytes, moved.timing.wall.low);
  setText('summary', text('bench.peak', { compute, memory }));
}

/** The file for `glocal bench compare`. */
const json = (): string => `${JSON.stringify(results, null, 2)}\n`;

async function copy(): Promise<void> {
  try {
    await navigator.clipboard.writeText(json());
    say(text('bench.copied'), 'done');
  } catch {
    say(text('bench.not-copied'), 'bad');
  }
}

function setUsable(isUsable: boolean): void {
  for (const id of ['copy', 'keep']) button(id).disabled = !isUsable;
}

/** A problem of this page, named by its text key. */
class BenchProblem extends Error {
  override name = 'BenchProblem';

  constructor(readonly kind: ProblemKind) {
    super(kind);
  }
}

function messageOf(error: unknown): string {
  const { title, advice } = explain({ kind: kindOf(error) });
  const detail = error instanceof BenchProblem || !(error instanceof Error) ? '' : ` ${error.message}`;
  return `${title}. ${advice}${detail}`;
}

function kindOf(error: unknown): ProblemKind {
  if (error instanceof BenchProblem) return error.kind;
  if (error instanceof AdapterError) return 'no-adapter';
  if (error instanceof DeviceLostError) return 'device-lost';
  return error instanceof MemoryError ? 'out-of-memory' : 'internal';
}
