import { blocks, ceil4 } from '../tensor';

/** Products per tile of F(4x4, 3x3): one for each of its 6 x 6 points. */
export const POINTS = 36;

/** Rows of the batched matrix product per invocation or subgroup. */
const ROW_TILE = 32;

/** The 4x4 tiles of outputs that cover [images, ., height, width]. */
export interface WinogradTiles {
  readonly tilesY: number;
  readonly tilesX: number;
  readonly tiles: number;
}

export function winogradTiles(images: number, height: number, width: number): WinogradTiles {
  const [tilesY, tilesX] = [Math.ceil(height / 4), Math.ceil(width / 4)];
  return { tilesY, tilesX, tiles: images * tilesY * tilesX };
}

export const paddedRows = (rows: number): number => Math.ceil(rows / ROW_TILE) * ROW_TILE;

/**
 * Distance in vec4 between the 36 matrices: [ceil(a / 4)][b] vec4 plus a cache line. A transform writes to all 36 at
 * once, and lines at power-of-two distances evict each other from caches.
 */
export const pointStride = (a: number, b: number): number => blocks(a) * b + 4;

/** Bytes of 36 matrices of [ceil(a / 4)][b] vec4. */
export const pointsBytes = (a: number, b: number): number => POINTS * pointStride(a, b) * 16;

/** Bytes of the largest scratch buffer of a convolution with this many tiles, and of its weight gradient. */
export const winogradGatherBytes = (tiles: number, inputs: number, outputs: number): number =>
  pointsBytes(Math.max(inputs, outputs), paddedRows(tiles));
export const winogradWeightGradientBytes = (tiles: number, inputs: number, outputs: number): number =>
  pointsBytes(tiles, Math.max(paddedRows(inputs), ceil4(outputs)));
