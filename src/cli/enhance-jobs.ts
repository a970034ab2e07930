import { type Dirent, existsSync, statSync } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import { PHOTO_EXTENSIONS, type PhotoFormat, writableExtension } from '../enhance/photo-format';
import { reason } from '../enhance/reason';

/** A photo to enhance. */
export interface EnhanceJob {
  readonly input: string;
  readonly output: string;
}

/** An input that cannot be used, and why, with what to do. */
export interface Refusal {
  readonly input: string;
  readonly error: string;
}

export interface JobOptions {
  readonly outputFolder: string;
  /** Folders within folders too; their layout is kept. */
  readonly recursive: boolean;
  /** Put between name and extension. */
  readonly suffix: string;
  /** Format of the outputs; that of the input when absent (PNG where it is not one that is written). */
  readonly format?: PhotoFormat;
  /** Replace outputs that exist. */
  readonly overwrite: boolean;
}

/** An input and where it belongs below the output folder. */
interface Found {
  readonly input: string;
  readonly place: string;
}

/**
 * Finds the photos and decides where each goes, before anything is computed. Nothing is created. A photo is
 * never written over itself or over another output of the same call.
 */
export async function planJobs(
  inputs: readonly string[],
  options: JobOptions,
): Promise<{ jobs: EnhanceJob[]; refusals: Refusal[] }> {
  const jobs: EnhanceJob[] = [];
  const refusals: Refusal[] = [];
  const inputOf = new Map<string, string>();
  const seen = new Set<string>();
  for (const given of inputs) {
    const found = await findPhotos(given, options);
    if (typeof found === 'string') refusals.push({ input: given, error: found });
    else {
      for (const { input, place } of found) {
        const identity = await realpath(input).catch(() => resolve(input));
        if (seen.has(identity)) continue;
        seen.add(identity);
        const output = outputPath(place, options);
        const error = await objection(identity, output, inputOf, options);
        if (error) refusals.push({ input, error });
        else {
          inputOf.set(output, input);
          jobs.push({ input, output });
        }
      }
    }
  }
  return { jobs, refusals };
}

/** The photos of one argument, or why there are none. */
async function findPhotos(given: string, options: JobOptions): Promise<Found[] | string> {
  let isFolder: boolean;
  try {
    isFolder = (await stat(given)).isDirectory();
  } catch (error) {
    return `${given} cannot be read: ${reason(error)}`;
  }
  if (!isFolder) return [{ input: given, place: basename(given) }];
  try {
    const photos = await photosIn(given, options);
    if (photos.length > 0) return photos.map((input) => ({ input, place: relative(given, input) }));
  } catch (error) {
    return `${given} cannot be read: ${reason(error)}`;
  }
  const hint = options.recursive ? '' : '; folders within it are searched with --recursive';
  return `${given} has no photos (${PHOTO_EXTENSIONS.join(', ')})${hint}`;
}

/** In order of names. Hidden files are left out, and so is the output folder, should it lie within. */
async function photosIn(folder: string, options: JobOptions): Promise<string[]> {
  const entries: Dirent[] = await readdir(folder, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const photos: string[] = [];
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith('.')) continue;
    // A link to a folder is not followed: it may lead back here.
    if (entry.isDirectory()) {
      if (!options.recursive || resolve(path) === resolve(options.outputFolder)) continue;
      photos.push(...(await photosIn(path, options)));
    } else if (PHOTO_EXTENSIONS.includes(extname(entry.name).toLowerCase())) photos.push(path);
  }
  return photos;
}

function outputPath(place: string, { outputFolder, suffix, format }: JobOptions): string {
  const extension = extname(place);
  const stem = basename(place, extension);
  return join(outputFolder, dirname(place), `${stem}${suffix}${writableExtension(extension, format)}`);
}

async function objection(
  identity: string,
  output: string,
  inputOf: ReadonlyMap<string, string>,
  { overwrite }: JobOptions,
): Promise<string | undefined> {
  const rival = inputOf.get(output);
  if (rival !== undefined) {
    return `${output} is already the output of ${rival}. Enhance them into different folders.`;
  }
  if (!existsSync(output)) return undefined;
  if ((await realpath(output)) === identity) {
    return `the output would replace the photo itself. Choose another folder, or a --suffix.`;
  }
  if (!overwrite) return `${output} exists. Use --overwrite to replace it.`;
  if (statSync(output).isDirectory()) return `${output} is a folder. Choose another output folder.`;
  return undefined;
}
