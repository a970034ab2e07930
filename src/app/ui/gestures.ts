import type { Divider } from './divider';
import type { Viewer } from './viewer';

const ZOOM_STEP = 1.25;
const PAN_STEP = 48;
const WHEEL_SENSITIVITY = 0.0018;
/** Browsers send pinches on a trackpad as wheel events with Control, in much smaller steps. */
const PINCH_SENSITIVITY = 0.01;
const LINE_HEIGHT = 16;
const DOUBLE_TAP_MS = 300;
/** How far a pointer may move between down and up and still tap, in CSS pixels. */
const TAP_SLOP = 8;

interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * Mouse, touch, pen, wheel and keys on the stage: two pointers pinch, a drag moves the divider, or the photo
 * when it is zoomed in (then the divider by its handle), a double tap switches between fit and actual pixels.
 */
export function attachGestures(
  stage: HTMLElement,
  handle: HTMLElement,
  viewer: Viewer,
  divider: Divider,
): void {
  const pointers = new Map<number, Point>();
  let drag: 'divider' | 'photo' | null = null;
  /** Where the one pointer went down on the photo. */
  let tap: Point | null = null;
  let lastTap = 0;
  const local = (event: MouseEvent): Point => {
    const box = stage.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };

  stage.addEventListener('pointerdown', (event) => {
    const isControl = event.target instanceof Element && event.target.closest('button, .card, .pill');
    if (isControl || event.button !== 0) return;
    stage.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, local(event));
    // Not to be asked when it goes up: a captured pointer is on the stage then.
    const isOnPhoto = event.target === stage.querySelector('canvas');
    tap = pointers.size === 1 && isOnPhoto ? local(event) : null;
    if (pointers.size > 1) drag = null;
    else drag = viewer.isFitted || handle.contains(event.target as Node) ? 'divider' : 'photo';
    stage.classList.toggle('panning', drag === 'photo');
    if (drag === 'divider') handle.focus({ preventScroll: true });
    event.preventDefault();
  });

  stage.addEventListener('pointermove', (event) => {
    const from = pointers.get(event.pointerId);
    if (!from) return;
    const to = local(event);
    if (pointers.size === 2) pinch(viewer, pointers, event.pointerId, to);
    else if (drag === 'divider') divider.moveTo(to.x);
    else if (drag === 'photo') viewer.panBy(to.x - from.x, to.y - from.y);
    pointers.set(event.pointerId, to);
  });

  const end = (event: PointerEvent) => {
    if (!pointers.delete(event.pointerId)) return;
    if (pointers.size === 1 && !viewer.isFitted) drag = 'photo';
    if (pointers.size === 0) stage.classList.remove('panning');
  };
  stage.addEventListener('pointerup', (event) => {
    const { x, y } = local(event);
    const isTap = tap !== null && Math.hypot(x - tap.x, y - tap.y) <= TAP_SLOP;
    tap = null;
    end(event);
    if (!isTap) return;
    const now = event.timeStamp;
    if (now - lastTap < DOUBLE_TAP_MS) {
      if (viewer.isFitted) viewer.zoomToActual({ x, y });
      else viewer.zoomToFit();
    }
    lastTap = now;
  });
  stage.addEventListener('pointercancel', end);

  stage.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_HEIGHT : 1;
      const sensitivity = event.ctrlKey ? PINCH_SENSITIVITY : WHEEL_SENSITIVITY;
      viewer.zoomBy(Math.exp(-event.deltaY * lines * sensitivity), local(event));
    },
    { passive: false },
  );

  stage.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = keyAction(event.key, viewer, event.target === stage);
    if (!act) return;
    event.preventDefault();
    act();
  });
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

function keyAction(key: string, viewer: Viewer, onStage: boolean): (() => void) | undefined {
  const zoom: Record<string, () => void> = {
    '+': () => viewer.zoomBy(ZOOM_STEP),
    '=': () => viewer.zoomBy(ZOOM_STEP),
    '-': () => viewer.zoomBy(1 / ZOOM_STEP),
    '0': () => viewer.zoomToFit(),
    '1': () => viewer.zoomToActual(),
  };
  const pan: Record<string, () => void> = {
    ArrowLeft: () => viewer.panBy(PAN_STEP, 0),
    ArrowRight: () => viewer.panBy(-PAN_STEP, 0),
    ArrowUp: () => viewer.panBy(0, PAN_STEP),
    ArrowDown: () => viewer.panBy(0, -PAN_STEP),
  };
  return zoom[key] ?? (onStage ? pan[key] : undefined);
}
