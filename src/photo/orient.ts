import type { Samples } from './image';

interface Raster<T extends Samples> {
  readonly data: T;
  readonly width: number;
  readonly height: number;
}

/**
 * Turns a picture stored with an EXIF orientation of 1 to 8 upright. Returns the same picture if it already is.
 *
 * Source: CIPA DC-008 4.6.4 (which row and column of the stored picture are top and left).
 */
export function upright<T extends Samples>(
  raster: Raster<T>,
  channels: number,
  orientation: number,
): Raster<T> {
  if (orientation <= 1 || orientation > 8) return raster;
  const { data, width, height } = raster;
  const isTurned = orientation >= 5;
  const [toWidth, toHeight] = isTurned ? [height, width] : [width, height];
  const isMirroredAcross = [2, 3, 7, 8].includes(orientation);
  const isMirroredDown = [3, 4, 6, 7].includes(orientation);
  const result = new (data.constructor as new (length: number) => T)(data.length);
  let to = 0;
  for (let y = 0; y < toHeight; y++) {
    for (let x = 0; x < toWidth; x++) {
      const [column, row] = isTurned ? [y, x] : [x, y];
      const fromX = isMirroredAcross ? width - 1 - column : column;
      const fromY = isMirroredDown ? height - 1 - row : row;
      let from = channels * (fromY * width + fromX);
      for (let c = 0; c < channels; c++) result[to++] = data[from++]!;
    }
  }
  return { data: result, width: toWidth, height: toHeight };
}
