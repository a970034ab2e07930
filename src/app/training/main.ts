import { startWorker } from '../../start-worker-web';
import type { Preview } from '../../train/job';
import type { LogLine } from '../../train/log';
import type { Wish } from '../../train/recipe';
import { explain } from '../problems';
import type { Problem } from '../protocol';
import { browserStore, SettingsStore } from '../settings';
import { fileSize, text } from '../text/language';
import { byId, setText } from '../ui/dom';
import { download } from '../ui/download';
import { startLanguage } from '../ui/language-switch';
import { Chart } from './chart';
import { droppedHdrFiles, hdrFiles } from './hdr-files';
import { showPreviews } from './previews';
import type { Command, KeptRun, Report } from './protocol';
import workerUrl from './worker.ts?worker&url';

/** The training page. Its display follows the worker's reports only. */

/** `elsewhere`: another tab has the run. */
type Phase = 'starting' | 'elsewhere' | 'empty' | 'running' | 'pausing' | 'paused';

const worker = startWorker(workerUrl, 'training');
const chart = new Chart(byId('chart', HTMLElement));
const button = (id: string) => byId(id, HTMLButtonElement);
const order = (command: Command) => worker.postMessage(command);

let phase: Phase = 'starting';
let run: KeptRun | null = null;
let step = 0;
let chosen: File[] | null = null;
let adapterName: string | null = null;
let previews: readonly Preview[] = [];
let problem: Problem | null = null;

worker.onmessage = ({ data }: MessageEvent<Report>) => receivers[data.type](data as never);
worker.onerror = (event) => {
  event.preventDefault();
  fail({ kind: 'internal', detail: event.message }, null);
};

const receivers: { [K in Report['type']]: (report: Extract<Report, { type: K }>) => void } = {
  elsewhere: () => {
    phase = 'elsewhere';
    render();
  },
  ready: ({ adapter, run: kept }) => {
    byId('adapter', HTMLElement).dataset.state = adapter.isSoftware ? 'slow' : 'ready';
    adapterName = adapter.isSoftware ? text('bar.slow', { name: adapter.name }) : adapter.name;
    setText('adapter-name', adapterName);
    adopt(kept);
  },
  running: ({ run: kept }) => {
    adopt(kept);
    phase = 'running';
    render();
  },
  line: ({ line }) => addLine(line),
  previews: ({ previews: made }) => {
    button('weights').disabled = button('try').disabled = false;
    previews = made;
    renderPreviews();
  },
  notice: ({ message }) => {
    byId('notes', HTMLElement).append(Object.assign(document.createElement('li'), { textContent: message }));
  },
  stopped: ({ run: kept }) => adopt(kept),
  discarded: () => adopt(null),
  weights: ({ file }) => save(file, 'weights.safetensors'),
  tried: ({ before, after, file }) => {
    draw('before', before);
    draw('after', after);
    byId('tried', HTMLElement).hidden = false;
    save(file, 'enhanced');
  },
  failed: ({ problem, run: kept }) => fail(problem, kept),
};

/** Shows a stored run as paused, with its curve so far. */
function adopt(kept: KeptRun | null): void {
  run = kept;
  step = kept?.step ?? 0;
  phase = kept ? 'paused' : 'empty';
  chart.clear();
  if (kept) chart.add(...kept.lines);
  else {
    previews = [];
    renderPreviews();
    byId('notes', HTMLElement).replaceChildren();
    byId('tried', HTMLElement).hidden = true;
  }
  render();
}

function addLine(line: LogLine): void {
  step = line.step;
  chart.add(line);
  if ('loss' in line) {
    const [loss, rate] = [line.loss.toPrecision(3), line.imagesPerSecond.toFixed(1)];
    say(text('train.step', { step: line.step, total: total(), loss, rate }));
  }
  byId('progress', HTMLProgressElement).value = step / total();
}

const total = (): number => run?.config.schedule.steps ?? 1;
const say = (message: string): void => setText('status', message);
const renderPreviews = (): void => showPreviews(byId('previews', HTMLElement), previews);

function render(): void {
  const isDone = run !== null && step >= total();
  byId('elsewhere', HTMLElement).hidden = phase !== 'elsewhere';
  byId('setup', HTMLElement).hidden = phase !== 'empty';
  byId('run', HTMLElement).hidden = !run;
  button('pause').hidden = phase !== 'running' && phase !== 'pausing';
  button('pause').disabled = phase === 'pausing';
  button('resume').hidden = phase !== 'paused' || isDone;
  button('discard').hidden = phase !== 'paused';
  button('weights').disabled = button('try').disabled = !run?.hasWeights;
  if (!run) return;
  byId('progress', HTMLProgressElement).value = step / total();
  if (phase === 'pausing') say(text('train.finishing'));
  else if (phase === 'paused') say(text(isDone ? 'train.done' : 'train.paused', { step, total: total() }));
  else say(text('train.preparing', { step, total: total() }));
}

function fail(met: Problem, kept: KeptRun | null): void {
  problem = met;
  renderProblem();
  byId('problem', HTMLElement).hidden = false;
  if (phase === 'starting') byId('adapter', HTMLElement).dataset.state = 'blocked';
  adopt(kept);
}

function renderProblem(): void {
  if (!problem) return;
  const { title, advice } = explain(problem);
  const isInput = problem.kind === 'undecodable';
  setText('problem-title', isInput ? text('train.impossible') : title);
  setText('problem-advice', isInput ? '' : advice);
  setText('problem-detail', problem.detail ?? '');
}

function choose(files: File[]): void {
  if (phase !== 'empty') return;
  chosen = files;
  renderChosen();
  button('begin').disabled = files.length === 0;
}

function renderChosen(): void {
  if (!chosen) return;
  const size = fileSize(chosen.reduce((sum, file) => sum + file.size, 0));
  setText(
    'chosen',
    chosen.length > 0 ? text('train.chosen', { count: chosen.length, size }) : text('train.none-chosen'),
  );
}

/** After a change of language, the texts that are not in the markup. */
function renderTexts(): void {
  if (adapterName !== null) setText('adapter-name', adapterName);
  renderProblem();
  renderChosen();
  renderPreviews();
  chart.relabel();
  render();
}

function save(file: Blob, name: string): void {
  const extension = file.type.startsWith('image/') ? `.${file.type.slice(6).replace('jpeg', 'jpg')}` : '';
  download(file, name + extension);
}

function draw(id: string, bitmap: ImageBitmap): void {
  const canvas = byId(id, HTMLCanvasElement);
  Object.assign(canvas, { width: bitmap.width, height: bitmap.height });
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
  bitmap.close();
}

function attach(): void {
  for (const id of ['folder', 'files']) {
    const input = byId(id, HTMLInputElement);
    button(`choose-${id}`).addEventListener('click', () => input.click());
    input.addEventListener('change', () => choose(hdrFiles(input.files ?? [])));
  }
  byId('setup', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault();
    begin();
  });
  button('pause').addEventListener('click', () => {
    phase = 'pausing';
    order({ type: 'pause' });
    render();
  });
  button('resume').addEventListener('click', () => {
    byId('problem', HTMLElement).hidden = true;
    order({ type: 'resume' });
  });
  button('weights').addEventListener('click', () => order({ type: 'weights' }));
  button('discard').addEventListener('click', () => {
    if (confirm(text('train.discard-sure'))) order({ type: 'discard' });
  });
  const photo = byId('photo', HTMLInputElement);
  button('try').addEventListener('click', () => photo.click());
  photo.addEventListener('change', () => {
    const [file] = photo.files ?? [];
    if (file) order({ type: 'try', photo: file });
    photo.value = '';
  });
  attachDrop();
}

function begin(): void {
  byId('problem', HTMLElement).hidden = true;
  const wish: Wish = {
    size: byId('size', HTMLSelectElement).value as Wish['size'],
    patch: Number(byId('patch', HTMLSelectElement).value),
    steps: byId('steps', HTMLInputElement).valueAsNumber,
  };
  // Asks the browser not to evict the stored run when disk space is short.
  void navigator.storage.persist?.();
  order({ type: 'begin', files: chosen ?? [], wish });
}

function attachDrop(): void {
  const veil = byId('veil', HTMLElement);
  document.addEventListener('dragover', (event) => {
    event.preventDefault();
    veil.classList.toggle('shown', phase === 'empty');
  });
  document.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) veil.classList.remove('shown');
  });
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    veil.classList.remove('shown');
    if (event.dataTransfer) void droppedHdrFiles(event.dataTransfer).then(choose);
  });
}

attach();
render();
order({ type: 'look' });
await startLanguage(new SettingsStore(browserStore()), renderTexts);
