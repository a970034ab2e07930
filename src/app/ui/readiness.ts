import { explain } from '../problems';
import type { AdapterSummary } from '../protocol';
import type { Session } from '../session';
import { day, text } from '../text/language';
import { byId, setText } from './dom';

/**
 * Shows the state of the device: the chip in the bar, the note about software adapters, and problems that block the
 * page.
 */
export class Readiness {
  readonly #session: Session;
  #isNoteClosed = false;

  constructor(session: Session) {
    this.#session = session;
    byId('blocker-retry', HTMLButtonElement).addEventListener('click', () => void session.start());
    byId('notice-close', HTMLButtonElement).addEventListener('click', () => {
      this.#isNoteClosed = true;
      this.render();
      byId('studio', HTMLElement).focus({ preventScroll: true });
    });
  }

  render(): void {
    const { readiness } = this.#session;
    const adapter = readiness.phase === 'ready' ? readiness.adapter : null;
    const isSlow = adapter?.isSoftware ?? false;
    const state = readiness.phase === 'ready' && isSlow ? 'slow' : readiness.phase;
    byId('adapter', HTMLButtonElement).dataset.state = state;
    const unnamed = isSlow ? 'bar.processor' : 'bar.graphics';
    const missing = readiness.phase === 'starting' ? 'bar.starting' : 'bar.unavailable';
    const name = adapter ? adapter.name || text(unnamed) : text(missing);
    setText('adapter-name', isSlow ? text('bar.slow', { name }) : name);
    setText('adapter-title', adapter ? text('bar.runs-on', { name }) : name);
    setText('adapter-detail', adapter?.detail ?? '');
    setText('adapter-kernels', adapter ? kernelsOf(adapter) : '');
    const advice = `${text('note.software')} ${text('note.software-advice')}`;
    setText('adapter-advice', isSlow ? advice : '');
    byId('notice', HTMLElement).hidden = !isSlow || this.#isNoteClosed;
    this.#renderBlocker();
  }

  #renderBlocker(): void {
    const { readiness } = this.#session;
    const problem = readiness.phase === 'blocked' ? readiness.problem : null;
    for (const id of ['drop', 'examples'])
      byId(id, HTMLElement).classList.toggle('unavailable', Boolean(problem));
    const blocker = byId('blocker', HTMLElement);
    blocker.hidden = !problem;
    if (!problem) return;
    const { title, advice, canRetry } = explain(problem);
    setText('blocker-title', title);
    setText('blocker-advice', advice);
    setText('blocker-detail', problem.detail ?? '');
    byId('blocker-retry', HTMLButtonElement).hidden = !canRetry;
  }
}

const kernelsOf = ({ tuned }: AdapterSummary): string =>
  tuned
    ? text('bar.kernels-measured', { family: tuned.first, date: day(tuned.date) })
    : text('bar.kernels-shipped');
