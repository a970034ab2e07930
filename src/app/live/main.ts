import { readNetwork } from '../../enhance/folded-network';
import { AdapterError, MemoryError } from '../../errors';
import { openGpu } from '../../gpu/device';
import type { Gpu } from '../../gpu/types';
import { summarise } from '../adapter-name';
import { withKeptTuning } from '../kept-tuning';
import { MODELS } from '../models';
import { explain } from '../problems';
import type { ProblemKind } from '../protocol';
import { browserStore, SettingsStore } from '../settings';
import { percent, text } from '../text/language';
import { byId, setText } from '../ui/dom';
import { download } from '../ui/download';
import { startLanguage } from '../ui/language-switch';
import { say } from '../ui/say';
import { FrameRate } from './frame-rate';
import { LiveNetwork } from './live-network';
import { openScreen, type Screen } from './screen';
import { openCamera, openVideo, stopVideo } from './source';

let canvas = byId('live', HTMLCanvasElement);
const video = document.createElement('video');
video.muted = true;
video.playsInline = true;
video.loop = true;
const strength = byId('strength', HTMLInputElement);
const split = byId('split', HTMLInputElement);
const lines = byId('lines', HTMLSelectElement);
const rate = new FrameRate();
let gpu: Gpu | null = null;
/** Counts starts, so that a superseded one stops. */
let turn = 0;
let wantsSnapshot = false;
/** Frees the resources for frames once none is being drawn. */
let release = () => {};

for (const input of [strength, split]) input.addEventListener('input', renderValues);
strength.addEventListener('dblclick', () => {
  strength.value = '100';
  renderValues();
});
byId('camera', HTMLButtonElement).addEventListener('click', () =>
  start(() => openCamera(video, Number(lines.value))),
);
const file = byId('video-file', HTMLInputElement);
byId('choose-video', HTMLButtonElement).addEventListener('click', () => file.click());
file.addEventListener('change', () => {
  const [chosen] = file.files ?? [];
  if (chosen) void start(() => openVideo(video, chosen));
  file.value = '';
});
byId('stop', HTMLButtonElement).addEventListener('click', stop);
byId('snapshot', HTMLButtonElement).addEventListener('click', () => {
  wantsSnapshot = true;
});
await startLanguage(new SettingsStore(browserStore()), renderValues);

/** Turning a phone changes the frame size. */
video.addEventListener('resize', () => {
  if (!canvas.hidden) void begin(async () => {});
});

async function start(open: () => Promise<void>): Promise<void> {
  stop();
  await begin(open);
}

async function begin(open: () => Promise<void>): Promise<void> {
  turn++;
  release();
  const mine = turn;
  setText('status', text('live.starting'));
  try {
    await open();
    const device = await openDevice();
    const network = await openNetwork(device);
    const screen = await openScreen(device, freshCanvas(), network.frame);
    const close = () => {
      screen.destroy();
      network.destroy();
    };
    if (mine !== turn) return close();
    show(true);
    play({ network, screen, device, close }, mine);
  } catch (error) {
    if (mine === turn) fail(error);
  }
}

function stop(): void {
  turn++;
  release();
  stopVideo(video);
  rate.reset();
  setText('status', '');
  show(false);
}

async function openDevice(): Promise<Gpu> {
  if (gpu && !gpu.isLost) return gpu;
  if (!navigator.gpu) throw new LiveProblem(isSecureContext ? 'no-webgpu' : 'insecure');
  // Frames are small and must not wait, so the page for photos measures, and this one only uses it.
  const plain = await openGpu(navigator.gpu, { powerPreference: 'high-performance' });
  gpu = await withKeptTuning(plain, 'instant');
  const opened = gpu;
  void opened.lost.then(() => {
    if (opened === gpu && turn > 0 && !canvas.hidden) fail(new LiveProblem('device-lost'));
  });
  return opened;
}

async function openNetwork(device: Gpu): Promise<LiveNetwork> {
  const response = await fetch(MODELS.instant.url).catch(() => null);
  if (!response?.ok) throw new LiveProblem('weights');
  const { config, weights } = readNetwork(new Uint8Array(await response.arrayBuffer()), 'instant');
  if (config.kind !== 'bilateral-grid') throw new LiveProblem('weights');
  const size = frameSize(config.viewSize);
  setText('adapter-name', summarise(device.traits).name);
  return LiveNetwork.create(device, { config, weights }, size);
}

/** The video's size with a limited number of lines, and no side smaller than the network's view. */
function frameSize(least: number): { width: number; height: number } {
  const { videoWidth, videoHeight } = video;
  const shrink = Math.min(1, Number(lines.value) / Math.min(videoWidth, videoHeight));
  const side = (pixels: number) => Math.max(least, Math.round(pixels * shrink));
  return { width: side(videoWidth), height: side(videoHeight) };
}

interface Playing {
  readonly network: LiveNetwork;
  readonly screen: Screen;
  readonly device: Gpu;
  close(): void;
}

/** Shows frame after frame, waiting for the device between them. */
function play({ network, screen, device, close }: Playing, mine: number): void {
  let isDrawing = false;
  let isClosed = false;
  const isOver = () => mine !== turn || device.isLost;
  // A stopped video requests no further frame, so waiting for one would never end.
  const end = () => {
    if (isDrawing || isClosed) return;
    isClosed = true;
    close();
  };
  release = end;
  const next = () => {
    if (isOver()) end();
    else video.requestVideoFrameCallback(() => void draw());
  };
  const draw = async () => {
    if (isOver()) return end();
    isDrawing = true;
    try {
      network.enhance(video, strength.valueAsNumber / 100);
      const shown = screen.show(split.valueAsNumber / 100);
      if (wantsSnapshot && !device.traits.isSoftware) takeSnapshot();
      await shown;
      if (wantsSnapshot) takeSnapshot();
      if (mine === turn) showRate();
    } catch (error) {
      if (mine === turn) fail(error);
    }
    isDrawing = false;
    next();
  };
  next();
}

function showRate(): void {
  const frames = rate.count(performance.now());
  canvas.dataset.frames = String(rate.total);
  setText('status', text('live.rate', { rate: frames, size: `${canvas.width} × ${canvas.height}` }));
}

/** A canvas keeps its context type forever, and the next device may need another. */
function freshCanvas(): HTMLCanvasElement {
  const fresh = canvas.cloneNode() as HTMLCanvasElement;
  canvas.replaceWith(fresh);
  canvas = fresh;
  return fresh;
}

/** Takes the frame just drawn: a WebGPU canvas keeps it only until this task ends. */
function takeSnapshot(): void {
  wantsSnapshot = false;
  canvas.toBlob((blob) => {
    if (!blob) return;
    const name = 'glocal-snapshot.png';
    download(blob, name);
    say(text('save.saved', { name }), 'done');
  }, 'image/png');
}

function show(isPlaying: boolean): void {
  canvas.hidden = !isPlaying;
  byId('invitation', HTMLElement).hidden = isPlaying;
  for (const id of ['snapshot', 'stop']) byId(id, HTMLButtonElement).disabled = !isPlaying;
}

function renderValues(): void {
  for (const input of [strength, split]) {
    input.style.setProperty('--value', `${input.value}%`);
    setText(`${input.id}-value`, percent(input.valueAsNumber / 100));
  }
}

/** A problem of this page, named by its text key. */
class LiveProblem extends Error {
  override name = 'LiveProblem';

  constructor(readonly kind: ProblemKind) {
    super(kind);
  }
}

function fail(error: unknown): void {
  stop();
  say(messageOf(error), 'bad');
}

function messageOf(error: unknown): string {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError') return text('live.denied');
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return text('live.no-camera');
  if (name === 'NotReadableError' || name === 'NotSupportedError') return text('live.unreadable');
  const { title, advice } = explain({ kind: kindOf(error) });
  const detail = error instanceof LiveProblem || !(error instanceof Error) ? '' : ` ${error.message}`;
  return `${title}. ${advice}${detail}`;
}

function kindOf(error: unknown): ProblemKind {
  if (error instanceof LiveProblem) return error.kind;
  if (error instanceof AdapterError) return 'no-adapter';
  return error instanceof MemoryError ? 'out-of-memory' : 'internal';
}
