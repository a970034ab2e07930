import { Presets, SingleBar } from 'cli-progress';
import type { RunConfig } from '../config';
import type { LogLine } from '../log';

/** Milliseconds between two lines of plain output. */
const PLAIN_INTERVAL = 10_000;

/**
 * Shows the progress of a run from its log lines: a bar on a terminal, an occasional line elsewhere. Both show step,
 * loss, validation PSNR, images per second, share of the adapter's peak, and remaining time.
 */
export class TrainProgress {
  readonly #steps: number;
  readonly #batch: number;
  readonly #write: (text: string) => void;
  readonly #bar: SingleBar | undefined;
  #first: { step: number; at: number } | undefined;
  #lastPlain = Number.NEGATIVE_INFINITY;
  #loss: number | undefined;
  #psnr: number | undefined;
  #lines = 0;
  #step: number;
  #shown = '';
  /** Seconds. */
  #perImage: number | undefined;
  /** Images per second if a step consisted of multiply-adds at the adapter's peak. */
  #peakRate: number | undefined;

  /** @param stream where to show progress; only a terminal gets the bar. */
  constructor(config: Pick<RunConfig, 'batch' | 'schedule'>, startStep: number, stream: NodeJS.WriteStream) {
    const { steps } = config.schedule;
    this.#steps = steps;
    this.#step = startStep;
    this.#batch = config.batch;
    this.#write = (text) => stream.write(text);
    if (stream.isTTY) {
      const format = '{bar} {value}/{total} {text}';
      // Ctrl-C ends the run, which ends the bar; by default the bar would end before the last step.
      const ends = { clearOnComplete: true, gracefulExit: false };
      this.#bar = new SingleBar(
        { format, stream, hideCursor: true, barsize: 24, ...ends },
        Presets.shades_classic,
      );
      this.#bar.start(steps, startStep, { text: '' });
    }
  }

  /** Processes a line of the log; `now` is in milliseconds. */
  show(line: LogLine, now = performance.now()): void {
    if ('loss' in line) {
      this.#first ??= { step: line.step, at: now };
      this.#loss = smooth(this.#loss, line.loss);
      // Averages times instead of rates: a loss that was ready together with the previous one would appear as a step
      // of no time. The first step includes waiting for the first pairs, so the second discards it.
      const seconds = 1 / line.imagesPerSecond;
      this.#perImage = this.#lines++ < 2 ? seconds : smooth(this.#perImage, seconds);
    } else if ('psnr' in line) {
      this.#psnr = line.psnr;
    } else {
      if (line.work) this.#peakRate = (this.#batch * line.work.peak) / line.work.flopsPerStep;
      return;
    }
    const text = this.#text(line.step, now);
    [this.#step, this.#shown] = [line.step, text];
    if (this.#bar) this.#bar.update(line.step, { text });
    else
      this.#plain(
        `step ${line.step}/${this.#steps} ${text}`,
        'psnr' in line || line.step === this.#steps,
        now,
      );
  }

  /** Writes a message; the bar continues below it. */
  print(message: string): void {
    const isActive = this.#bar?.isActive;
    this.#bar?.stop();
    this.#write(`${message}\n`);
    if (isActive) this.#bar?.start(this.#steps, this.#step, { text: this.#shown });
  }

  /** Ends the bar so that other text can follow. */
  stop(): void {
    if (!this.#bar?.isActive) return;
    this.#bar.stop();
    this.#write(`step ${this.#step}/${this.#steps} ${this.#shown}\n`);
  }

  #plain(text: string, always: boolean, now: number): void {
    if (!always && now - this.#lastPlain < PLAIN_INTERVAL) return;
    this.#lastPlain = now;
    this.#write(`${text}\n`);
  }

  #text(step: number, now: number): string {
    const parts = [];
    if (this.#loss !== undefined) parts.push(`loss ${this.#loss.toPrecision(4)}`);
    if (this.#psnr !== undefined) parts.push(`validation ${this.#psnr.toFixed(2)} dB`);
    if (this.#perImage !== undefined) {
      const rate = 1 / this.#perImage;
      parts.push(`${rate.toFixed(1)} images/s`);
      if (this.#peakRate !== undefined) parts.push(`${((100 * rate) / this.#peakRate).toFixed(0)} % of peak`);
    }
    if (this.#first && step > this.#first.step) {
      const perStep = (now - this.#first.at) / (step - this.#first.step);
      parts.push(`${duration(perStep * (this.#steps - step))} left`);
    }
    return parts.join(' | ');
  }
}

const smooth = (old: number | undefined, next: number): number =>
  old === undefined ? next : 0.9 * old + 0.1 * next;

/** 12 s, 3 min 20 s, 2 h 5 min. */
export function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
