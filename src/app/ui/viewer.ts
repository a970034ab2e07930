import type { Picture } from '../protocol';
import { constrain, fit, type Insets, type Size, type View, zoomTo } from './view-transform';

/** The pictures on the stage. */
export interface Comparison {
  readonly before: Picture;
  readonly after: Picture | null;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Edges of the visible part of the photo in CSS pixels of the stage, and the zoom. */
export interface ViewerLayout {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  /** Offset from a point in the photo before to the same point in the one after: zero unless they are side by side. */
  readonly apart: Point;
  /** Device pixels per pixel of the photo. */
  readonly scale: number;
  readonly isFitted: boolean;
}

/** Above this zoom the photo's pixels are drawn as squares. */
const PIXELATED_SCALE = 4;

/** Gap between two photos side by side, in CSS pixels. */
const GAP = 8;

interface Geometry {
  readonly canvas: Size;
  /** The part of the canvas for one photo. */
  readonly pane: Size;
  readonly apart: Point;
  readonly image?: Size;
  readonly fitted?: View;
  readonly view?: View;
}

/**
 * Draws a photo before and after around a split, or side by side, on a canvas as large as the stage, so the cost of a
 * frame does not depend on the size of the photo. Draws at most once per frame.
 */
export class Viewer {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #onLayout: (layout: ViewerLayout | null) => void;
  readonly #insets: () => Insets;
  #comparison: Comparison | null = null;
  /** Null while the photo is fitted to the stage. */
  #view: View | null = null;
  #strength = 1;
  #split = 0.5;
  #isApart = false;
  #isBeforeOnly = false;
  #frame = 0;

  /** `insets` is called at every layout, in CSS pixels. */
  constructor(
    canvas: HTMLCanvasElement,
    insets: () => Insets,
    onLayout: (layout: ViewerLayout | null) => void,
  ) {
    this.#canvas = canvas;
    const colorSpace = matchMedia('(color-gamut: p3)').matches ? 'display-p3' : 'srgb';
    const context = canvas.getContext('2d', { colorSpace });
    if (!context) throw new Error('This browser has no 2D canvas.');
    this.#context = context;
    this.#insets = insets;
    this.#onLayout = onLayout;
    new ResizeObserver(() => this.#redraw()).observe(canvas);
  }

  /** Takes ownership of the pictures and closes the previous ones. Versions of one photo keep the zoom. */
  show(comparison: Comparison | null, keepView: boolean): void {
    const old = this.#comparison;
    this.#comparison = comparison;
    if (!keepView) this.#view = null;
    this.#redraw();
    for (const picture of [old?.before, old?.after]) {
      if (picture && picture !== comparison?.before && picture !== comparison?.after) closePicture(picture);
    }
  }

  set strength(value: number) {
    this.#strength = value;
    this.#redraw();
  }

  /** Share of the visible photo that shows the state before. */
  set split(value: number) {
    this.#split = value;
    this.#redraw();
  }

  /** Shows both in full, side by side, or one above the other on a tall stage. */
  set isApart(value: boolean) {
    this.#isApart = value;
    this.#redraw();
  }

  /** Shows only the original, for blinking between the two. */
  set isBeforeOnly(value: boolean) {
    this.#isBeforeOnly = value;
    this.#redraw();
  }

  get isFitted(): boolean {
    return this.#view === null;
  }

  /** Multiplies the zoom about a point of the stage, in CSS pixels; default: the centre. */
  zoomBy(factor: number, at?: Point): void {
    const { view, pane, apart } = this.#geometry();
    if (!view) return;
    const ratio = devicePixelRatio;
    const [x, y] = at
      ? [inPane(at.x * ratio, apart.x), inPane(at.y * ratio, apart.y)]
      : [pane.width / 2, pane.height / 2];
    this.#moveTo(zoomTo(view, view.scale * factor, x, y));
  }

  /** Shows one pixel of the photo per screen pixel, around the given point of the stage. */
  zoomToActual(at?: Point): void {
    const { view } = this.#geometry();
    if (view) this.zoomBy(1 / view.scale, at);
  }

  zoomToFit(): void {
    this.#view = null;
    this.#redraw();
  }

  /** Moves the photo by CSS pixels. */
  panBy(dx: number, dy: number): void {
    const { view } = this.#geometry();
    if (!view) return;
    this.#moveTo({ ...view, x: view.x + dx * devicePixelRatio, y: view.y + dy * devicePixelRatio });
  }

  #moveTo(view: View): void {
    const { image, pane, fitted } = this.#geometry();
    if (!image || !fitted) return;
    const allowed = constrain(view, image, pane, fitted);
    this.#view = allowed.scale === fitted.scale ? null : allowed;
    this.#redraw();
  }

  #geometry(): Geometry {
    const ratio = devicePixelRatio;
    const canvas = {
      width: Math.round(this.#canvas.clientWidth * ratio),
      height: Math.round(this.#canvas.clientHeight * ratio),
    };
    const { pane, apart } = this.#panes(canvas, Math.round(GAP * ratio));
    const image = this.#comparison?.before.full;
    if (!image) return { canvas, pane, apart };
    const { top, right, bottom, left } = this.#insets();
    const insets = { top: top * ratio, right: right * ratio, bottom: bottom * ratio, left: left * ratio };
    const fitted = fit(image, pane, insets);
    const view = this.#view ? constrain(this.#view, image, pane, fitted) : fitted;
    return { canvas, pane, apart, image, fitted, view };
  }

  #panes(canvas: Size, gap: number): { pane: Size; apart: Point } {
    if (!this.#isApart || !this.#comparison?.after) return { pane: canvas, apart: { x: 0, y: 0 } };
    if (canvas.width >= canvas.height) {
      const width = Math.floor((canvas.width - gap) / 2);
      return { pane: { ...canvas, width }, apart: { x: width + gap, y: 0 } };
    }
    const height = Math.floor((canvas.height - gap) / 2);
    return { pane: { ...canvas, height }, apart: { x: 0, y: height + gap } };
  }

  #redraw(): void {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  #draw(): void {
    const { canvas, pane, apart, image, view } = this.#geometry();
    this.#canvas.width = canvas.width;
    this.#canvas.height = canvas.height;
    if (!image || !view || !this.#comparison) {
      this.#onLayout(null);
      return;
    }
    const left = Math.max(0, view.x);
    const right = Math.min(pane.width, view.x + image.width * view.scale);
    const { after } = this.#comparison;
    const isApart = apart.x > 0 || apart.y > 0;
    if (!after) this.#paintBefore(view, { x: 0, y: 0, ...pane });
    else if (isApart) {
      this.#paintBefore(view, { x: 0, y: 0, ...pane });
      const there = { ...view, x: view.x + apart.x, y: view.y + apart.y };
      const box = { ...apart, ...pane };
      if (this.#isBeforeOnly) this.#paintBefore(there, box);
      else this.#paintAfter(there, box);
    } else {
      const split = this.#isBeforeOnly ? pane.width : Math.round(left + this.#split * (right - left));
      this.#paintBefore(view, { x: 0, y: 0, width: split, height: pane.height });
      this.#paintAfter(view, { x: split, y: 0, width: pane.width - split, height: pane.height });
    }
    const ratio = devicePixelRatio;
    this.#onLayout({
      left: left / ratio,
      right: right / ratio,
      top: Math.max(0, view.y) / ratio,
      bottom: Math.min(pane.height, view.y + image.height * view.scale) / ratio,
      apart: { x: apart.x / ratio, y: apart.y / ratio },
      scale: view.scale,
      isFitted: this.isFitted,
    });
  }

  #paintBefore(view: View, box: Point & Size): void {
    if (this.#comparison) this.#paint(this.#comparison.before, view, 1, box);
  }

  /** Weights that sum to one make an exact cross-fade, even where the photo is transparent. */
  #paintAfter(view: View, box: Point & Size): void {
    if (!this.#comparison?.after) return;
    this.#paint(this.#comparison.before, view, 1 - this.#strength, box);
    this.#paint(this.#comparison.after, view, this.#strength, box);
  }

  /** Adds `weight` times the picture inside a box of the canvas. */
  #paint(picture: Picture, view: View, weight: number, box: Point & Size): void {
    if (weight <= 0 || box.width <= 0) return;
    const context = this.#context;
    context.save();
    context.beginPath();
    context.rect(box.x, box.y, box.width, box.height);
    context.clip();
    context.globalAlpha = weight;
    context.globalCompositeOperation = 'lighter';
    context.imageSmoothingEnabled = view.scale < PIXELATED_SCALE;
    context.imageSmoothingQuality = 'high';
    const width = picture.full.width * view.scale;
    const bitmap = width <= picture.preview.width ? picture.preview : picture.full;
    context.drawImage(bitmap, view.x, view.y, width, picture.full.height * view.scale);
    context.restore();
  }
}

/** A canvas coordinate relative to its pane. */
const inPane = (value: number, apart: number): number =>
  apart > 0 && value >= apart ? value - apart : value;

export function closePicture({ full, preview }: Picture): void {
  full.close();
  preview.close();
}
