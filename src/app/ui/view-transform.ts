/** Position of a photo on the stage, in device pixels: image pixel (i, j) is drawn at (x + i scale, y + j scale). */
export interface View {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Margins around the photo, in device pixels. */
export interface Insets {
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly left: number;
}

export const MAX_SCALE = 16;

/** The largest magnification when fitting a small photo. */
const MAX_FIT_SCALE = 2;

/** Fits the whole photo, centred on the stage within its insets. */
export function fit(image: Size, stage: Size, insets: Insets): View {
  const width = Math.max(1, stage.width - insets.left - insets.right);
  const height = Math.max(1, stage.height - insets.top - insets.bottom);
  const scale = Math.min(width / image.width, height / image.height, MAX_FIT_SCALE);
  return {
    scale,
    x: Math.round(insets.left + (width - image.width * scale) / 2),
    y: Math.round(insets.top + (height - image.height * scale) / 2),
  };
}

/** Zooms to `scale`, keeping the photo's point under (px, py) in place. */
export function zoomTo(view: View, scale: number, px: number, py: number): View {
  const ratio = scale / view.scale;
  return { scale, x: px - (px - view.x) * ratio, y: py - (py - view.y) * ratio };
}

/**
 * The nearest allowed view: not smaller than `fitted`; along each axis the photo is centred as in `fitted` if there
 * is room, and otherwise leaves no gap at the edges of the stage.
 */
export function constrain(view: View, image: Size, stage: Size, fitted: View): View {
  const scale = Math.min(Math.max(view.scale, fitted.scale), Math.max(MAX_SCALE, fitted.scale));
  if (scale === fitted.scale) return fitted;
  return {
    scale,
    x: constrainAxis(view.x, image.width * scale, stage.width),
    y: constrainAxis(view.y, image.height * scale, stage.height),
  };
}

function constrainAxis(position: number, length: number, room: number): number {
  if (length <= room) return Math.round((room - length) / 2);
  return Math.min(0, Math.max(room - length, position));
}
