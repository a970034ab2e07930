import type { Progress } from './protocol';
import type { Photo } from './session';
import { clock, percent, text } from './text/language';
import { TimeLeft } from './time-left';

/** How far a photo is, in words. */
export class ProgressText {
  /** Of the photo that is being enhanced. */
  #estimate: { readonly photo: Photo; readonly timeLeft: TimeLeft } | null = null;

  /**
   * `34 %, 0:12 left`. There is no time left before it can be estimated, nor while kernels compile, and nothing at all
   * while the fraction is unknown.
   *
   * @param progress null while the photo waits for its turn.
   * @param now in milliseconds.
   */
  of(photo: Photo, progress: Progress | null, now: number): string {
    if (progress?.stage !== 'enhancing') this.#estimate = null;
    if (progress?.fraction == null) return '';
    const done = percent(progress.fraction);
    if (progress.stage !== 'enhancing') return done;
    if (this.#estimate?.photo !== photo) this.#estimate = { photo, timeLeft: new TimeLeft(now) };
    const seconds = this.#estimate.timeLeft.seconds(progress.fraction, now);
    return seconds === null ? done : text('wait.left', { percent: done, time: clock(seconds) });
  }
}
