import type { Picture } from '../protocol';
import { constrain, fit, type Insets, type Size, type View, zoomTo } from './view-transform';

/** What is on the stage. */
export interface Comparison {
  readonly before: Picture;
  readonly after: Picture | null;
}

/** Edges of the visible part of the photo, in CSS pixels of the stage, and the zoom. */
export interface ViewerLayout {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  /** Device pixels per pixel of the photo. */
  readonly scale: number;
  readonly isFitted: boolean;
}

/** Above this zoom the pixels of the photo are shown as squares. */
const PIXELATED_SCALE = 4;

/**
 * Draws a photo before and after side by side about a split, on a canvas as large as the stage: the cost of a
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
  #frame = 0;

  /** `insets` are asked for at every layout, in CSS pixels. */
  constructor(
    canvas: HTMLCanvasElement,
    insets: () => Insets,
    onLayout: (layout: ViewerLayout | null) => void,
  ) {
    this.#canvas = canvas;
    const colorSpace = matchMedia('(color-gamut: p3)').matches ? 'display-p3' : 'srgb';
    const context = canvas.getContext('2d', { colorSpace });
    if (!context) throw new Error('This browser gave no 2D canvas.');
    this.#context = context;
    this.#insets = insets;
    this.#onLayout = onLayout;
    new ResizeObserver(() => this.#redraw()).observe(canvas);
  }

  /** Takes the bitmaps over and closes those shown before. The zoom stays for another version of one photo. */
  show(comparison: Comparison | null, keepView: boolean): void {
    const old = this.#comparison;
    this.#comparison = comparison;
    if (!keepView) this.#view = null;
    this.#redraw();
    for (const picture of [old?.before, old?.after]) {
      picture?.full.close();
      picture?.preview.close();
    }
  }

  set strength(value: number) {
    this.#strength = value;
    this.#redraw();
  }

  /** Share of the visible part of the photo that shows the state before. */
  set split(value: number) {
    this.#split = value;
    this.#redraw();
  }

  get isFitted(): boolean {
    return this.#view === null;
  }

  /** Multiplies the zoom about a point of the stage, in CSS pixels; default: its centre. */
  zoomBy(factor: number, at?: { x: number; y: number }): void {
    const { view, stage } = this.#geometry();
    if (!view) return;
    const ratio = devicePixelRatio;
    const [x, y] = at ? [at.x * ratio, at.y * ratio] : [stage.width / 2, stage.height / 2];
    this.#moveTo(zoomTo(view, view.scale * factor, x, y));
  }

  /** One pixel of the photo per pixel of the screen, about the given point of the stage. */
  zoomToActual(at?: { x: number; y: number }): void {
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
    const { image, stage, fitted } = this.#geometry();
    if (!image || !fitted) return;
    const allowed = constrain(view, image, stage, fitted);
    this.#view = allowed.scale === fitted.scale ? null : allowed;
    this.#redraw();
  }

  #geometry(): { stage: Size; image?: Size; fitted?: View; view?: View } {
    const ratio = devicePixelRatio;
    const stage = {
      width: Math.round(this.#canvas.clientWidth * ratio),
      height: Math.round(this.#canvas.clientHeight * ratio),
    };
    const image = this.#comparison?.before.full;
    if (!image) return { stage };
    const { top, right, bottom, left } = this.#insets();
    const insets = { top: top * ratio, right: right * ratio, bottom: bottom * ratio, left: left * ratio };
    const fitted = fit(image, stage, insets);
    const view = this.#view ? constrain(this.#view, image, stage, fitted) : fitted;
    return { stage, image, fitted, view };
  }

  #redraw(): void {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  #draw(): void {
    const { stage, image, view } = this.#geometry();
    this.#canvas.width = stage.width;
    this.#canvas.height = stage.height;
    if (!image || !view || !this.#comparison) {
      this.#onLayout(null);
      return;
    }
    const left = Math.max(0, view.x);
    const right = Math.min(stage.width, view.x + image.width * view.scale);
    const { before, after } = this.#comparison;
    const split = after ? Math.round(left + this.#split * (right - left)) : stage.width;
    this.#paint(before, view, image, 1, 0, split);
    if (after) {
      this.#paint(before, view, image, 1 - this.#strength, split, stage.width);
      this.#paint(after, view, image, this.#strength, split, stage.width);
    }
    const ratio = devicePixelRatio;
    this.#onLayout({
      left: left / ratio,
      right: right / ratio,
      top: Math.max(0, view.y) / ratio,
      bottom: Math.min(stage.height, view.y + image.height * view.scale) / ratio,
      scale: view.scale,
      isFitted: this.isFitted,
    });
  }

  /**
   * Adds `weight` times the picture between two columns of the stage. Weights that sum to one make an exact
   * cross-fade, also where the photo is transparent.
   */
  #paint(picture: Picture, view: View, image: Size, weight: number, from: number, to: number): void {
    if (weight <= 0 || to <= from) return;
    const context = this.#context;
    context.save();
    context.beginPath();
    context.rect(from, 0, to - from, this.#canvas.height);
    context.clip();
    context.globalAlpha = weight;
    context.globalCompositeOperation = 'lighter';
    context.imageSmoothingEnabled = view.scale < PIXELATED_SCALE;
    context.imageSmoothingQuality = 'high';
    const width = image.width * view.scale;
    const bitmap = width <= picture.preview.width ? picture.preview : picture.full;
    context.drawImage(bitmap, view.x, view.y, width, image.height * view.scale);
    context.restore();
  }
}
