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

export interface GestureTargets {
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
  const { stage, handle, viewer, divider, isDivided, setPeek } = targets;
  const pointers = new Map<number, Point>();
  let drag: Drag = null;
  let start: Point = { x: 0, y: 0 };
  let startTime = 0;
  let hasMoved = false;
  let hold: ReturnType<typeof setTimeout> | undefined;
  let lastTap = 0;
  const local = (event: MouseEvent): Point => {
    const box = stage.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const begin = (next: Drag) => {
    clearTimeout(hold);
    if (drag === 'peek') setPeek(false);
    drag = next;
    if (drag === 'peek') setPeek(true);
    stage.classList.toggle('panning', drag === 'photo');
  };

  stage.addEventListener('pointerdown', (event) => {
    const isControl = event.target instanceof Element && event.target.closest('button, .card, .pill');
    if (isControl || event.button !== 0) return;
    stage.setPointerCapture(event.pointerId);
    start = local(event);
    startTime = event.timeStamp;
    hasMoved = false;
    pointers.set(event.pointerId, start);
    if (pointers.size > 1) {
      begin(null);
    } else if (handle.contains(event.target as Node)) {
      begin('divider');
      handle.focus({ preventScroll: true });
    } else {
      begin('undecided');
      hold = setTimeout(() => begin('peek'), HOLD_MS);
      stage.focus({ preventScroll: true });
    }
    event.preventDefault();
  });

  stage.addEventListener('pointermove', (event) => {
    const from = pointers.get(event.pointerId);
    if (!from) return;
    const to = local(event);
    if (pointers.size === 2) pinch(viewer, pointers, event.pointerId, to);
    hasMoved ||= Math.hypot(to.x - start.x, to.y - start.y) > TAP_SLOP;
    if (drag === 'undecided' && hasMoved) {
      if (!viewer.isFitted) begin('photo');
      else begin(isDivided() ? 'divider' : null);
    }
    if (drag === 'divider') divider.moveTo(to.x);
    else if (drag === 'photo') viewer.panBy(to.x - from.x, to.y - from.y);
    pointers.set(event.pointerId, to);
  });

  const end = (event: PointerEvent, wasLifted: boolean) => {
    if (!pointers.delete(event.pointerId)) return;
    // Uses the events' own times: on a busy machine the timer may fire although the pointer was released before.
    const wasTap = wasLifted && drag !== null && !hasMoved && event.timeStamp - startTime < HOLD_MS;
    const wasOnHandle = drag === 'divider';
    begin(pointers.size === 1 && !viewer.isFitted ? 'photo' : null);
    if (wasTap) tap(local(event), event.timeStamp, wasOnHandle);
  };
  const tap = (at: Point, now: number, isOnHandle: boolean) => {
    if (now - lastTap >= DOUBLE_TAP_MS) {
      if (isDivided() && !isOnHandle) divider.moveTo(at.x);
    } else if (viewer.isFitted) viewer.zoomToActual(at);
    else viewer.zoomToFit();
    lastTap = now;
  };
  stage.addEventListener('pointerup', (event) => end(event, true));
  stage.addEventListener('pointercancel', (event) => end(event, false));
  // Holding a finger here must not open a menu.
  stage.addEventListener('contextmenu', (event) => {
    if (drag === 'peek') event.preventDefault();
  });

  stage.addEventListener(
    'wheel',
    (event) => {
      // Where the page is longer than the window, the wheel must scroll to the tools; zooming then needs Control.
      if (!event.ctrlKey && document.documentElement.scrollHeight > innerHeight + 1) return;
      event.preventDefault();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_HEIGHT : 1;
      const sensitivity = event.ctrlKey ? PINCH_SENSITIVITY : WHEEL_SENSITIVITY;
      viewer.zoomBy(Math.exp(-event.deltaY * lines * sensitivity), local(event));
    },
    { passive: false },
  );
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
