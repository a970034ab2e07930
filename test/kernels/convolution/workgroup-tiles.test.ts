import { describe, expect, it } from 'vitest';
import {
  GATHER_TILES,
  gatherTile,
  gatherTileBytes,
  weightGradientTile,
} from '../../../src/kernels/convolution/workgroup-tiles';

/** Limits that WebGPU promises. */
const INVOCATIONS = 256;
const BYTES = 16384;

const WANTED = 128;

describe('tiles of a gather', () => {
  it.each(GATHER_TILES)('%j stays within the limits of every device', (tile) => {
    const pixels = tile.pixelLanes * tile.pixels;
    expect(tile.pixelLanes * tile.channelLanes).toBeGreaterThanOrEqual(64);
    expect(tile.pixelLanes * tile.channelLanes).toBeLessThanOrEqual(INVOCATIONS);
    expect(pixels % tile.patchWidth).toBe(0);
    expect(tile.pixelLanes % tile.patchWidth).toBe(0);
    for (const taps of [1, 2, 3] as const) expect(gatherTileBytes(tile, taps)).toBeLessThanOrEqual(BYTES);
  });

  it.each([
    // Side of the plane, output channels, outputs of the tile: pixels x channels.
    [2048, 8, 256, 8],
    [2048, 3, 256, 4],
    [512, 64, 128, 64],
    [256, 32, 128, 32],
    [128, 64, 128, 64],
    [32, 128, 16, 32],
    [16, 128, 16, 32],
    [16, 16, 32, 16],
    [8, 64, 16, 32],
    [8, 3, 256, 4],
  ])('a plane of side %i with %i channels gets tiles of %i x %i', (side, channels, pixels, width) => {
    const tile = gatherTile({ qH: side, qW: side }, { images: 1, outputs: channels }, WANTED, 256);
    expect([tile.pixelLanes * tile.pixels, 4 * tile.channelLanes * tile.blocks]).toEqual([pixels, width]);
  });
});

describe('tiles of a weight gradient', () => {
  it('has 64 lanes, all taps of a row in few parts, and fits the memory, for all shapes', () => {
    for (const kernelW of [1, 2, 3, 4, 5, 7]) {
      for (const stride of [1, 2, 3]) {
        for (const [xBlocks, dyBlocks] of [
          [1, 1],
          [1, 2],
          [2, 2],
          [3, 5],
          [16, 8],
          [40, 40],
        ] as const) {
          for (const dyW of [1, 7, 128, 1000]) {
            const size = { kernelW, stride, xBlocks, dyBlocks, dyW };
            const { xLanes, dyLanes, pixelLanes, span, taps } = weightGradientTile(size);
            expect(xLanes * dyLanes * pixelLanes).toBe(64);
            expect(span % pixelLanes).toBe(0);
            expect(taps).toBeLessThanOrEqual(4);
            const pitch = ((span - 1) * stride + taps) | 1;
            expect(16 * (xLanes * pitch + dyLanes * (span + 1) + 64)).toBeLessThanOrEqual(BYTES);
          }
        }
      }
    }
  });
});
