import code from '../../shaders/bilateral_enhance.wgsl?raw';
import type { KernelCall } from '../gpu/kernel-call';
import { MAP_SIZE } from './bilateral-slice';
import type { KernelContext } from './context';
import { encodeFinishing, FINISH_BYTES, type Finishing } from './photo-profile';
import { rowWork } from './rows';
import { requireThat } from './shapes';

const kernel = { name: 'bilateral_enhance', code };

export interface BilateralEnhanceSizes {
  readonly gridSize: number;
  readonly levels: number;
  /** Hidden units of the guide. */
  readonly units: number;
  /** Width of the whole photo in pixels. */
  readonly width: number;
  readonly height: number;
  /** The most rows processed by a call. */
  readonly rows: number;
  /** Finished 8-bit pixels; otherwise the network's output as planes of f32. */
  readonly packed: boolean;
  /** Whether packed pixels are sRGB; otherwise `profile` has their tables. */
  readonly srgb: boolean;
}

/** Values that change from call to call, for `encodeSettings`. */
interface BilateralSettings extends Finishing {
  readonly firstRow: number;
  readonly rows: number;
  /** First row in the buffers of photo and result. */
  readonly heldRow: number;
  readonly guideBias: number;
}

export const SETTINGS_BYTES = FINISH_BYTES + 16;
const UNIT_BYTES = 32;

/** The struct `Settings` of the shader. */
export function encodeSettings(settings: BilateralSettings): Uint8Array<ArrayBuffer> {
  const block = new DataView(new ArrayBuffer(SETTINGS_BYTES));
  encodeFinishing(settings, block);
  block.setUint32(FINISH_BYTES, settings.firstRow, true);
  block.setUint32(FINISH_BYTES + 4, settings.rows, true);
  block.setUint32(FINISH_BYTES + 8, settings.heldRow, true);
  block.setFloat32(FINISH_BYTES + 12, settings.guideBias, true);
  return new Uint8Array(block.buffer);
}

/**
 * The array of `Unit` of the shader, from the guide's two layers.
 *
 * @param first weights [units, 3] and bias [units] of the first layer; `second` weights [units] of the second.
 */
export function encodeUnits(
  first: { readonly weight: Float32Array; readonly bias: Float32Array },
  second: Float32Array,
): Float32Array<ArrayBuffer> {
  const words = UNIT_BYTES / 4;
  const units = new Float32Array(words * second.length);
  second.forEach((out, k) => {
    units.set([...first.weight.subarray(3 * k, 3 * k + 3), first.bias[k]!, out], words * k);
  });
  return units;
}

/**
 * The bilateral-grid network at full resolution on rows of a photo. A pixel depends only on itself and the grid, so
 * strips are bit-identical to the whole.
 *
 * @throws {ShapeError} for a photo too large to address.
 */
export function bilateralEnhance<B>(
  context: KernelContext<B>,
  buffers: {
    /** [1, 12 levels, gridSize, gridSize] in blocks of four channels. */
    readonly grid: B;
    readonly units: B;
    readonly settings: B;
    readonly profile: B;
    readonly photo: B;
    readonly result: B;
  },
  { gridSize, levels, units, width, height, rows, packed, srgb }: BilateralEnhanceSizes,
): KernelCall<B>[] {
  requireThat(
    'bilateralEnhance',
    4 * Math.max(width, height) * gridSize < 2 ** 32,
    `${width} x ${height} pixels are too many to address.`,
  );
  const work = rowWork(context, rows, width);
  const { grid, settings, profile, photo, result } = buffers;
  return [
    {
      kernel,
      label: context.label,
      constants: {
        ...work.constants,
        LEVELS: levels,
        UNITS: units,
        PACKED: Number(packed),
        SRGB: Number(srgb),
      },
      params: { ...work.params, grid_h: gridSize, grid_w: gridSize, x_h: height, x_w: width },
      bindings: [grid, buffers.units, settings, profile, photo, result],
      dispatch: work.dispatch,
      flops: (8 * units + 16 * MAP_SIZE) * rows * width,
      bytes: (packed ? 8 : 24) * rows * width + 4 * MAP_SIZE * levels * gridSize ** 2,
    },
  ];
}
