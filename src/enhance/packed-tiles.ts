import { WeightsError } from '../errors';
import { createStorageBuffers, readBuffer, upload } from '../gpu/buffers';
import { type CommandList, compilePipelines, record } from '../gpu/command-list';
import type { Precision } from '../gpu/kernel-call';
import type { Gpu } from '../gpu/types';
import { encodeWork, type PhotoPart, photoFinish, photoRead, WORK_BYTES } from '../kernels/photo-pixels';
import type { Shape } from '../kernels/tensor';
import { contextOf, type PackedPhoto } from './packed-photo';
import type { Job } from './photo-model';
import { HALF_OVERFLOW } from './precision';
import type { LocalProgram } from './programs';
import type { Rectangle, Tile } from './tiles';

/**
 * Enhances the tiles of a photo on the device: converts its bytes to the network's window, and the network's output
 * to bytes of the result. If the whole result fits, nothing waits between tiles.
 */
export async function enhancePacked(
  gpu: Gpu,
  job: Job,
  packed: PackedPhoto,
  work: {
    readonly tiles: readonly Tile[];
    readonly program: Pick<LocalProgram, 'window' | 'enhanced' | 'runInPlace'>;
    readonly feature: Float32Array | undefined;
  },
): Promise<void> {
  const { tiles, program, feature } = work;
  const { image, strength, keepHue, tone, check, report, result } = job;
  const { profile, photo } = packed;
  const made = await createStorageBuffers(gpu, [
    { bytes: WORK_BYTES, label: 'window' },
    { bytes: 4, label: 'overflow' },
  ]);
  const [settings, overflow] = made as [GPUBuffer, GPUBuffer];
  const lists: CommandList[] = [];
  try {
    const context = contextOf(gpu, 'pixels');
    const buffers = { srgb: packed.isSrgb, settings, profile, photo };
    const read = await record(gpu, [photoRead(context, { ...buffers, x: program.window })]);
    lists.push(read);
    const end = { ...buffers, y: program.enhanced, overflow, result: packed.result };
    const finish = await record(gpu, [photoFinish(context, end)]);
    lists.push(finish);
    for (const [index, tile] of tiles.entries()) {
      check();
      const core = within(tile.core, image);
      const window = within(tile.window, image);
      const held = await packed.hold(window);
      const places = { photo: image, held, result: packed.isWhole ? packed.whole : core, window, core };
      upload(gpu, settings, encodeWork(places, { strength, keepHue, tone }));
      read.submit();
      await program.runInPlace(feature, check);
      finish.submit();
      if (!packed.isWhole) await packed.take(finish, core, result);
      report((index + 2) / (tiles.length + 1));
    }
    if (packed.isWhole) await packed.take(finish, packed.whole, result);
    if (program.enhanced.precision !== 'f32') await requireNumbers(gpu, overflow);
  } finally {
    for (const list of lists) list.destroy();
    for (const buffer of made) buffer.destroy();
  }
}

/** Compiles the kernels of `enhancePacked` for one window size ahead of time, except those of the network. */
export async function warmUpPacked(
  gpu: Gpu,
  { height, width }: { readonly height: number; readonly width: number },
  precision: Precision,
): Promise<void> {
  const window = {
    shape: [1, 3, height, width] as Shape,
    layout: 'activation',
    buffer: null,
    precision,
  } as const;
  const buffers = { srgb: true, settings: null, profile: null, photo: null };
  const context = contextOf<null>(gpu, 'pixels');
  await compilePipelines(gpu, [
    photoRead(context, { ...buffers, x: window }),
    photoFinish(context, { ...buffers, y: window, overflow: null, result: null }),
  ]);
}

/** @throws {WeightsError} when half precision overflowed, which would show as black or white pixels. */
async function requireNumbers(gpu: Gpu, overflow: GPUBuffer): Promise<void> {
  const [flag] = new Uint32Array(await readBuffer(gpu, overflow, 4));
  if (flag !== 0) throw new WeightsError(HALF_OVERFLOW);
}

/** The part of a rectangle inside the photo; windows mirror what lies beyond. */
function within({ rows, columns }: Rectangle, photo: { height: number; width: number }): PhotoPart {
  const height = Math.min(rows.end, photo.height) - rows.start;
  const width = Math.min(columns.end, photo.width) - columns.start;
  return { row: rows.start, column: columns.start, height, width };
}
