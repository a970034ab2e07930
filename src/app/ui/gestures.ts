import type { Divider } from './divider';
import type { Viewer } from './viewer';

const WHEEL_SENSITIVITY = 0.0018;
/** Browsers send trackpad pinches as wheel events with Control, in much smaller steps. */
const PINCH_SENSITIVITY = 0.01;
const LINE_HEIGHT = 16;
const DOUBLE_TAP_MS = 300;
const HOLD_MS = 350;
/** How far a pointer may move, in CSS pixels, and still tap or hold. */
const TAP_SLOP = 8;

interface Point {
  readonly x: number;
  readonly y: number;
}

interface GestureTargets {
  readonly stage: HTMLElement;
  /** The divider's handle. */
  readonly handle: HTMLElement;
  readonly viewer: Viewer;
  readonly divider: Divider;
  /** Whether there is a divider to move. */
  readonly isDivided: () => boolean;
  /** Shows the original photo, or stops showing it. */
  readonly setPeek: (isPeeking: boolean) => void;
}

/** The effect of a pointer pressed on the photo, until it is released. */
type Drag = 'divider' | 'photo' | 'undecided' | 'peek' | null;

/**
 * Mouse, touch, pen and wheel on the stage. A tap moves the divider and a double tap zooms. Holding shows the
 * original. A drag moves the divider or, when zoomed in, the photo (and the divider by its handle). Two pointers
 * pinch.
 */
export function attachGestures(targets: GestureTargets): void {
  const { stage, viewer } = targets;
  const gestures = new PointerGestures(targets);
  stage.addEventListener('pointerdown', (event) => gestures.press(event));
  stage.addEventListener('pointermove', (event) => gestures.move(event));
  stage.addEventListener('pointerup', (event) => gestures.release(event, true));
  stage.addEventListener('pointercancel', (event) => gestures.release(event, false));
  // Holding a finger here must not open a menu.
  stage.addEventListener('contextmenu', (event) => {
    if (gestures.isPeeking) event.preventDefault();
  });
  stage.addEventListener('wheel', (event) => zoomByWheel(event, stage, viewer), { passive: false });
}

function zoomByWheel(event: WheelEvent, stage: HTMLElement, viewer: Viewer): void {
  // Where the page is longer than the window, the wheel must scroll to the tools; zooming then needs Control.
  if (!event.ctrlKey && document.documentElement.scrollHeight > innerHeight + 1) return;
  event.preventDefault();
  const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_HEIGHT : 1;
  const sensitivity = event.ctrlKey ? PINCH_SENSITIVITY : WHEEL_SENSITIVITY;
  viewer.zoomBy(Math.exp(-event.deltaY * lines * sensitivity), pointOn(stage, event));
}

function pointOn(stage: HTMLElement, event: MouseEvent): Point {
  const box = stage.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
}

class PointerGestures {
  readonly #pointers = new Map<number, Point>();
  #drag: Drag = null;
  #start: Point = { x: 0, y: 0 };
  #startTime = 0;
  #hasMoved = false;
  #hold: ReturnType<typeof setTimeout> | undefined;
  #lastTap = 0;

  constructor(private readonly targets: GestureTargets) {}

  get isPeeking(): boolean {
    return this.#drag === 'peek';
  }

  press(event: PointerEvent): void {
    const { stage, handle } = this.targets;
    const isControl = event.target instanceof Element && event.target.closest('button, .card, .pill');
    if (isControl || event.button !== 0) return;
    stage.setPointerCapture(event.pointerId);
    this.#start = pointOn(stage, event);
    this.#startTime = event.timeStamp;
    this.#hasMoved = false;
    this.#pointers.set(event.pointerId, this.#start);
    if (this.#pointers.size > 1) {
      this.#begin(null);
    } else if (handle.contains(event.target as Node)) {
      this.#begin('divider');
      handle.focus({ preventScroll: true });
    } else {
      this.#begin('undecided');
      this.#hold = setTimeout(() => this.#begin('peek'), HOLD_MS);
      stage.focus({ preventScroll: true });
    }
    event.preventDefault();
  }

  move(event: PointerEvent): void {
    const { stage, viewer, divider, isDivided } = this.targets;
    const from = this.#pointers.get(event.pointerId);
    if (!from) return;
    const to = pointOn(stage, event);
    if (this.#pointers.size === 2) pinch(viewer, this.#pointers, event.pointerId, to);
    this.#hasMoved ||= Math.hypot(to.x - this.#start.x, to.y - this.#start.y) > TAP_SLOP;
    if (this.#drag === 'undecided' && this.#hasMoved) {
      if (!viewer.isFitted) this.#begin('photo');
      else this.#begin(isDivided() ? 'divider' : null);
    }
    if (this.#drag === 'divider') divider.moveTo(to.x);
    else if (this.#drag === 'photo') viewer.panBy(to.x - from.x, to.y - from.y);
    this.#pointers.set(event.pointerId, to);
  }

  release(event: PointerEvent, wasLifted: boolean): void {
    if (!this.#pointers.delete(event.pointerId)) return;
    const { stage, viewer } = this.targets;
    // Uses the events' own times: on a busy machine the timer may fire although the pointer was released before.
    const wasShort = event.timeStamp - this.#startTime < HOLD_MS;
    const wasTap = wasLifted && this.#drag !== null && !this.#hasMoved && wasShort;
    const wasOnHandle = this.#drag === 'divider';
    this.#begin(this.#pointers.size === 1 && !viewer.isFitted ? 'photo' : null);
    if (wasTap) this.#tap(pointOn(stage, event), event.timeStamp, wasOnHandle);
  }

  #tap(at: Point, now: number, isOnHandle: boolean): void {
    const { viewer, divider, isDivided } = this.targets;
    if (now - this.#lastTap >= DOUBLE_TAP_MS) {
      if (isDivided() && !isOnHandle) divider.moveTo(at.x);
    } else if (viewer.isFitted) viewer.zoomToActual(at);
    else viewer.zoomToFit();
    this.#lastTap = now;
  }

  #begin(next: Drag): void {
    clearTimeout(this.#hold);
    if (this.#drag === 'peek') this.targets.setPeek(false);
    this.#drag = next;
    if (this.#drag === 'peek') this.targets.setPeek(true);
    this.targets.stage.classList.toggle('panning', this.#drag === 'photo');
  }
}

function pinch(viewer: Viewer, pointers: ReadonlyMap<number, Point>, moved: number, to: Point): void {
  const [other] = [...pointers].filter(([id]) => id !== moved).map(([, point]) => point);
  const from = pointers.get(moved);
  if (!other || !from) return;
  const before = Math.hypot(from.x - other.x, from.y - other.y);
  const after = Math.hypot(to.x - other.x, to.y - other.y);
  viewer.panBy((to.x - from.x) / 2, (to.y - from.y) / 2);
  if (before > 0) viewer.zoomBy(after / before, { x: (to.x + other.x) / 2, y: (to.y + other.y) / 2 });
}
