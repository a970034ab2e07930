import { percent, text } from '../text/language';

const STEP = 1;
const LARGE_STEP = 10;
const REVEAL_MS = 1100;

/**
 * The slider between before and after. Its value is the percentage of the visible photo that shows the state before.
 * Arrow keys move it by 1, with Shift or Page keys by 10; Home and End go to the edges.
 */
export class Divider {
  readonly #element: HTMLElement;
  readonly #onChange: (value: number) => void;
  #value = 50;
  #bounds = { left: 0, right: 0 };
  #reveal = 0;

  constructor(element: HTMLElement, onChange: (value: number) => void) {
    this.#element = element;
    this.#onChange = onChange;
    element.addEventListener('keydown', (event) => this.#onKey(event));
  }

  get value(): number {
    return this.#value;
  }

  set value(value: number) {
    cancelAnimationFrame(this.#reveal);
    this.#set(value);
  }

  /** Edges of the visible photo in CSS pixels of the stage. */
  layout(photo: { left: number; right: number; top: number; bottom: number }): void {
    this.#bounds = photo;
    this.#element.style.top = `${photo.top}px`;
    this.#element.style.height = `${photo.bottom - photo.top}px`;
    this.#place();
  }

  /** Moves the divider to a position on the stage, in CSS pixels. */
  moveTo(x: number): void {
    const { left, right } = this.#bounds;
    if (right > left) this.value = (100 * (x - left)) / (right - left);
  }

  /** Sweeps from the original to the centre, so that the change catches the eye. */
  reveal(): void {
    this.value = 50;
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    const start = performance.now();
    const step = (now: number) => {
      const t = Math.min(1, Math.max(0, (now - start) / REVEAL_MS));
      const eased = 1 - (1 - t) ** 3;
      this.#set(100 - 50 * eased);
      if (t < 1) this.#reveal = requestAnimationFrame(step);
    };
    this.#reveal = requestAnimationFrame(step);
  }

  /** Updates its spoken value in the page's language. */
  render(): void {
    const rounded = Math.round(this.#value);
    const parts = { before: percent(rounded / 100), after: percent(1 - rounded / 100) };
    this.#element.setAttribute('aria-valuenow', String(rounded));
    this.#element.setAttribute('aria-valuetext', text('stage.divided', parts));
  }

  #set(value: number): void {
    this.#value = Math.min(100, Math.max(0, value));
    this.render();
    this.#place();
    this.#onChange(this.#value);
  }

  #place(): void {
    const { left, right } = this.#bounds;
    this.#element.style.transform = `translateX(${left + (this.#value / 100) * (right - left)}px)`;
  }

  #onKey(event: KeyboardEvent): void {
    const step = event.shiftKey ? LARGE_STEP : STEP;
    const targets: Record<string, number> = {
      ArrowLeft: this.#value - step,
      ArrowDown: this.#value - step,
      ArrowRight: this.#value + step,
      ArrowUp: this.#value + step,
      PageDown: this.#value - LARGE_STEP,
      PageUp: this.#value + LARGE_STEP,
      Home: 0,
      End: 100,
    };
    const target = targets[event.key];
    if (target === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.value = Math.round(target);
  }
}
