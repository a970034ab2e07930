import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { LogLine } from '../../train/log';
import { text } from '../text/language';

const HEIGHT = 260;

/** Loss (logarithmic, left) and validation PSNR (right) over the steps. */
export class Chart {
  readonly #place: HTMLElement;
  #plot: UPlot | undefined;
  #steps: number[] = [];
  #losses: (number | null)[] = [];
  #psnrs: (number | null)[] = [];
  #isStale = false;

  constructor(place: HTMLElement) {
    this.#place = place;
    new ResizeObserver(() => this.#plot?.setSize({ width: place.clientWidth, height: HEIGHT })).observe(
      place,
    );
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.relabel());
  }

  /** Redraws in the page's colours and language. */
  relabel(): void {
    this.#plot?.destroy();
    this.#plot = undefined;
    this.#draw();
  }

  clear(): void {
    [this.#steps, this.#losses, this.#psnrs] = [[], [], []];
    this.#draw();
  }

  /** Lines come in the order of their steps; a validation belongs to the preceding step. */
  add(...lines: readonly LogLine[]): void {
    for (const line of lines) {
      if ('loss' in line) this.#put(line.step, line.loss, null);
      else if ('psnr' in line) this.#put(line.step, null, line.psnr);
    }
    if (this.#isStale) return;
    this.#isStale = true;
    requestAnimationFrame(() => this.#draw());
  }

  #put(step: number, loss: number | null, psnr: number | null): void {
    const last = this.#steps.length - 1;
    if (this.#steps[last] === step) {
      this.#losses[last] = loss ?? this.#losses[last]!;
      this.#psnrs[last] = psnr ?? this.#psnrs[last]!;
      return;
    }
    this.#steps.push(step);
    this.#losses.push(loss);
    this.#psnrs.push(psnr);
  }

  #draw(): void {
    this.#isStale = false;
    const data: UPlot.AlignedData = [this.#steps, this.#losses, this.#psnrs];
    if (this.#plot) this.#plot.setData(data);
    else if (this.#place.clientWidth > 0) this.#plot = new UPlot(this.#options(), data, this.#place);
  }

  #options(): UPlot.Options {
    const colour = (name: string) => getComputedStyle(this.#place).getPropertyValue(name).trim();
    const axis = { stroke: colour('--quiet'), grid: { stroke: colour('--line'), width: 1 } };
    return {
      width: this.#place.clientWidth,
      height: HEIGHT,
      cursor: { drag: { x: false, y: false } },
      scales: { x: { time: false }, loss: { distr: 3 }, psnr: {} },
      axes: [
        { ...axis, label: text('train.step-axis') },
        { ...axis, scale: 'loss', label: text('train.loss'), size: 64 },
        { ...axis, scale: 'psnr', label: 'PSNR, dB', side: 1, grid: { show: false } },
      ],
      series: [
        { label: text('train.step-axis') },
        {
          label: text('train.loss'),
          scale: 'loss',
          stroke: colour('--line-strong'),
          width: 1.5,
          points: { show: false },
        },
        {
          label: 'PSNR',
          scale: 'psnr',
          stroke: colour('--focus'),
          width: 2,
          spanGaps: true,
          points: { show: true },
        },
      ],
    };
  }
}
