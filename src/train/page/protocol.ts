import type { RunConfig } from '../config';
import type { Cadence, Preview, RunResult } from '../job';

/**
 * The HTTP protocol between the training page and the harness's server, under `run/`. Bodies larger than the run's
 * network can explain are refused.
 *
 * | request | content |
 * | --- | --- |
 * | GET job | `PageJob` |
 * | GET checkpoint | the checkpoint to resume from |
 * | GET scene/N | the file of scene N, or status 422 with the reason why it cannot be read |
 * | POST log | a `LogLine`; answered by `LogAnswer` |
 * | POST notice | a message for the user |
 * | POST checkpoint/STEP, best, final | files to store |
 * | POST previews/STEP | bytes from `packPreviews` |
 * | POST end | a `PageEnd` |
 */
export interface PageJob {
  readonly config: RunConfig;
  readonly cadence: Cadence;
  /** Scenes by name; the URL of each file is `scene/` plus its number. */
  readonly training: readonly NumberedScene[];
  readonly validation: readonly NumberedScene[];
  readonly resumes: boolean;
  readonly workers: number;
}

export interface NumberedScene {
  readonly name: string;
  readonly number: number;
}

/** Lets the server ask the run to stop; there is no other channel to a page that is computing. */
export interface LogAnswer {
  readonly stop: boolean;
}

export type PageEnd =
  | { readonly result: RunResult }
  | { readonly error: { readonly name: string; readonly message: string } };

/** The images of a preview, in transmission order. */
export const PREVIEW_PARTS = ['input', 'output', 'target'] as const;

/** Previews of one size as bytes: input, output and target of each in turn. */
export function packPreviews(previews: readonly Preview[]): Uint8Array<ArrayBuffer> {
  const images = previews.flatMap((preview) => PREVIEW_PARTS.map((part) => preview[part]));
  const bytes = new Uint8Array(images.reduce((sum, image) => sum + image.length, 0));
  let at = 0;
  for (const image of images) {
    bytes.set(image, at);
    at += image.length;
  }
  return bytes;
}

/** @param size side of the images in pixels. */
export function unpackPreviews(bytes: Uint8Array, size: number): Preview[] {
  const length = 3 * size * size;
  const image = (index: number) => bytes.subarray(index * length, (index + 1) * length);
  return Array.from({ length: bytes.length / (3 * length) }, (_, i) => ({
    size,
    input: image(3 * i),
    output: image(3 * i + 1),
    target: image(3 * i + 2),
  }));
}
