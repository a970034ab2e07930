import { BINS, histogramOf } from '../histogram';
import { percent, text } from '../text/language';
import { byId } from './dom';
import type { Comparison } from './viewer';

/** Longer side in pixels of the picture that is counted. */
const SIDE = 192;

/** The photo's histogram: before as an outline, after as a filled shape. */
export class HistogramView {
  readonly #canvas = byId('histogram', HTMLCanvasElement);
  #before: ImageData | null = null;
  #after: ImageData | null = null;
  #strength = 1;
  /** The last drawn pictures, to avoid counting them again. */
  #drawn: readonly unknown[] = [];

  constructor() {
    new ResizeObserver(() => this.#draw()).observe(this.#canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      this.#drawn = [];
      this.#draw();
    });
  }

  show(comparison: Comparison | null): void {
    this.#before = comparison && smallPixels(comparison.before.preview);
    this.#after = comparison?.after ? smallPixels(comparison.after.preview) : null;
    this.#draw();
  }

  render(strength: number): void {
    this.#strength = strength;
    this.#draw();
  }

  #draw(): void {
    const width = Math.round(this.#canvas.clientWidth * devicePixelRatio);
    const height = Math.round(this.#canvas.clientHeight * devicePixelRatio);
    const state = [this.#before, this.#after, this.#strength, width, height, document.documentElement.lang];
    if (state.every((value, at) => value === this.#drawn[at])) return;
    this.#drawn = state;
    this.#canvas.width = width;
    this.#canvas.height = height;
    const context = this.#canvas.getContext('2d');
    if (!context || !this.#before || width === 0) return;
    const style = getComputedStyle(this.#canvas);
    const before = histogramOf(this.#before.data);
    const after = this.#after ? histogramOf(blended(this.#before, this.#after, this.#strength)) : null;
    // A few prominent bins, such as from a black frame, must not flatten the rest.
    const peak = Math.max(
      ...[before, after].map((histogram) => (histogram ? secondLargest(histogram.bins) : 0)),
    );
    const trace = (bins: Float64Array) => {
      context.beginPath();
      context.moveTo(0, height);
      for (const [at, share] of bins.entries()) {
        const y = height - Math.min(1, share / (1.15 * peak)) * (height - 2 * devicePixelRatio);
        context.lineTo((at / BINS) * width, y);
        context.lineTo(((at + 1) / BINS) * width, y);
      }
      context.lineTo(width, height);
    };
    if (after) {
      trace(after.bins);
      context.fillStyle = style.getPropertyValue('--accent');
      context.fill();
    }
    trace(before.bins);
    context.strokeStyle = style.getPropertyValue('--line-strong');
    context.lineWidth = 1.5 * devicePixelRatio;
    context.stroke();
    const means = { before: percent(before.mean), after: percent((after ?? before).mean) };
    this.#canvas.setAttribute('aria-label', text('tools.histogram-label', means));
  }
}

function secondLargest(bins: Float64Array): number {
  return [...bins].sort((a, b) => b - a)[1] || 1;
}

function smallPixels(bitmap: ImageBitmap): ImageData | null {
  const scale = Math.min(1, SIDE / Math.max(bitmap.width, bitmap.height));
  const width = Math.max(1, Math.round(bitmap.width * scale));
  const height = Math.max(1, Math.round(bitmap.height * scale));
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  context?.drawImage(bitmap, 0, 0, width, height);
  return context?.getImageData(0, 0, width, height) ?? null;
}

function blended(before: ImageData, after: ImageData, strength: number): Uint8ClampedArray {
  return after.data.map((value, at) => {
    const from = before.data[at]!;
    return from + strength * (value - from);
  });
}
