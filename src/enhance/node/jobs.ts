import { type Dirent, existsSync, statSync } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path';
import {
  isOtherPicture,
  isPhotoExtension,
  isRawExtension,
  PHOTO_EXTENSIONS,
  type PhotoFormat,
  writableExtension,
} from '../../photo/format';
import { formatOfFile } from '../../photo/node/format-of-file';
import { reason } from '../../reason';
import { removeReservation } from './publish';
import { isKnownOtherwise, looseName } from './same-file';

/** Denotes standard input or output, as in other commands. */
export const STREAM = '-';

/** A photo to enhance. */
export interface EnhanceJob {
  readonly input: string;
  readonly output: string;
}

/** An unusable input, with the reason and what to do. */
export interface Refusal {
  readonly input: string;
  readonly error: string;
}

/** Part `index` (from 1) of `count`. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

export interface JobOptions {
  /**
   * Where results go: a folder; for a single photo a file; or beside each photo, as `photo-enhanced.jpg`, and for a
   * folder of photos in a folder `enhanced` inside it.
   */
  readonly output: { readonly folder: string } | { readonly file: string } | { readonly beside: true };
  /** Includes subfolders and keeps their layout. */
  readonly recursive: boolean;
  /** Uses the JPEG previews of raw files. */
  readonly rawPreview?: boolean;
  /** Inserted between name and extension. Default: `-enhanced` for results beside their photos, otherwise nothing. */
  readonly suffix?: string;
  /** Format of the outputs. Default: that of the input, or PNG if it cannot be written. */
  readonly format?: PhotoFormat;
  /** What to do about existing outputs. */
  readonly existing: 'refuse' | 'overwrite' | 'skip';
  /** Takes only a part of the photos: every `count`-th, in the order of their places. */
  readonly shard?: Shard;
}

export interface JobPlan {
  readonly jobs: readonly EnhanceJob[];
  readonly refusals: readonly Refusal[];
  /** Jobs whose outputs exist. */
  readonly skipped: readonly EnhanceJob[];
  /** Number of pictures in unsupported formats in the folders, by extension. */
  readonly passedOver: ReadonlyMap<string, number>;
}

/** A photo found through an argument. */
interface Place {
  readonly input: string;
  /** Its path relative to the output folder. */
  readonly place: string;
  /** The folder given by the user, if any. */
  readonly root?: string;
}

interface Found extends Place {
  /** Identifies the file independently of its name. */
  readonly identity: string;
}

/**
 * Finds the photos and decides where each result goes, before anything is computed. Creates nothing. No photo is ever
 * overwritten by its own result or by another output of the same call.
 */
export async function planJobs(inputs: readonly string[], options: JobOptions): Promise<JobPlan> {
  const { found: all, refusals, passedOver } = await findAll(inputs, options);
  const found = 'beside' in options.output ? withoutResults(all, options) : all;
  const jobs: EnhanceJob[] = [];
  const skipped: EnhanceJob[] = [];
  const inputOf = new Map<string, string>();
  const isMine = shardOf(found, options.shard);
  const originals = new Map(found.map(({ input, identity }) => [looseName(identity), { input, identity }]));
  for (const photo of found) {
    const { input } = photo;
    const output = outputPath(photo, options);
    const other = inputOf.get(output);
    if (other === undefined) inputOf.set(output, input);
    // Which output belongs to which photo must not depend on the shard.
    if (!isMine.has(photo)) continue;
    const error =
      other === undefined ? await objection(photo, output, options, originals) : clash(output, other);
    if (error) refusals.push({ input, error });
    else if (options.existing === 'skip' && existsSync(output)) skipped.push({ input, output });
    else jobs.push({ input, output });
  }
  return { jobs, refusals, skipped, passedOver };
}

/** Counts what folders hold besides photos. */
interface Aside {
  readonly refusals: Refusal[];
  readonly passedOver: Map<string, number>;
}

/** A search in one given folder, leaving out the results folder inside it. */
interface Search extends Aside {
  readonly leftOut: string | undefined;
}

async function findAll(
  inputs: readonly string[],
  options: JobOptions,
): Promise<Aside & { readonly found: Found[] }> {
  const found: Found[] = [];
  const refusals: Refusal[] = [];
  const passedOver = new Map<string, number>();
  const seen = new Set<string>();
  for (const given of inputs) {
    const photos = await findPhotos(given, options, { refusals, passedOver });
    if (typeof photos === 'string') {
      refusals.push({ input: given, error: photos });
      continue;
    }
    for (const photo of photos) {
      const { input } = photo;
      if (isUnreadableName(input)) {
        refusals.push({ input, error: NO_UTF8 });
        continue;
      }
      const identity = await realpath(input).catch(() => resolve(input));
      if (!seen.has(identity)) found.push({ ...photo, identity });
      seen.add(identity);
    }
  }
  return { found, refusals, passedOver };
}

const NO_UTF8 =
  'the name is not UTF-8 (old archives and disks have such names), so it cannot be opened here. Rename it, for example by ' +
  'convmv -f latin1 -t utf8.';

/** Bytes that are not UTF-8 become replacement characters, from which the name cannot be recovered. */
const isUnreadableName = (path: string): boolean => path.includes('\ufffd') && !existsSync(path);

/** Every `count`-th photo in the order of places, the same on every machine that sees the same photos. */
function shardOf(found: readonly Found[], shard: Shard | undefined): ReadonlySet<Found> {
  if (!shard) return new Set(found);
  const key = ({ place, input }: Found) => `${place.split(sep).join('/')}\0${input}`;
  const sorted = [...found].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  return new Set(sorted.filter((_, i) => i % shard.count === shard.index - 1));
}

/** The photos for one argument, or the reason why there are none. */
async function findPhotos(given: string, options: JobOptions, aside: Aside): Promise<Place[] | string> {
  if (given === STREAM) return [{ input: given, place: given }];
  let isFolder: boolean;
  try {
    isFolder = (await stat(given)).isDirectory();
  } catch (error) {
    return `${given} cannot be read: ${reason(error)}`;
  }
  if (!isFolder) return [{ input: given, place: basename(given) }];
  try {
    const refusals = aside.refusals.length;
    const photos = await photosIn(given, options, { ...aside, leftOut: outputFolder(given, options) });
    if (photos.length > 0 || aside.refusals.length > refusals)
      return photos.map((input) => ({ input, place: relative(given, input), root: given }));
  } catch (error) {
    return `${given} cannot be read: ${reason(error)}`;
  }
  const hint = options.recursive ? '' : '; use --recursive to search its subfolders';
  return `${given} has no photos (${PHOTO_EXTENSIONS.join(', ')})${hint}`;
}

/** Sorted by name, without hidden files, pipes, devices, or the output folder if it lies inside. */
async function photosIn(folder: string, options: JobOptions, aside: Search): Promise<string[]> {
  const entries: Dirent[] = await readdir(folder, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const photos: string[] = [];
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith('.')) continue;
    // Links to folders are not followed, since they may lead back here.
    if (entry.isDirectory()) {
      if (options.recursive && resolve(path) !== aside.leftOut)
        photos.push(...(await photosBelow(path, options, aside)));
    } else if (isPhotoFile(entry)) photos.push(path);
    else if (isOtherPicture(extname(entry.name))) {
      const extension = extname(entry.name).toLowerCase();
      aside.passedOver.set(extension, (aside.passedOver.get(extension) ?? 0) + 1);
    }
  }
  return photos;
}

/** An unreadable folder does not stop the others. */
async function photosBelow(folder: string, options: JobOptions, aside: Search): Promise<string[]> {
  try {
    return await photosIn(folder, options, aside);
  } catch (error) {
    aside.refusals.push({
      input: folder,
      error: isUnreadableName(folder) ? NO_UTF8 : `${folder} cannot be read: ${reason(error)}`,
    });
    return [];
  }
}

/** Anything but a regular file may be endless. */
const isPhotoFile = (entry: Dirent): boolean =>
  (entry.isFile() || entry.isSymbolicLink()) && isPhotoExtension(extname(entry.name));

/** The folder of results, whose contents are not inputs. */
function outputFolder(root: string, { output }: JobOptions): string | undefined {
  if ('file' in output) return undefined;
  return resolve('folder' in output ? output.folder : join(root, BESIDE_FOLDER));
}

const BESIDE_FOLDER = 'enhanced';
const BESIDE_SUFFIX = '-enhanced';

/** When a folder is enhanced again, earlier results in it are not inputs. */
function withoutResults(found: readonly Found[], options: JobOptions): readonly Found[] {
  const results = new Set(found.map((photo) => resolve(outputPath(photo, options))));
  return found.filter(({ input }) => !results.has(resolve(input)));
}

function outputPath(
  { input, place, root }: Place,
  { output, rawPreview, suffix: given, format: wanted }: JobOptions,
) {
  if ('file' in output) return output.file;
  const isBeside = 'beside' in output && root === undefined;
  const suffix = given ?? (isBeside ? BESIDE_SUFFIX : '');
  const extension = extname(place);
  // If the extension does not determine the format, the content does.
  const byContent = () => (rawPreview && isRawExtension(extension) ? 'jpeg' : formatOfFile(input));
  const format = wanted ?? (isPhotoExtension(extension) ? undefined : byContent());
  const stem = basename(place, extension);
  const name = `${stem}${suffix}${writableExtension(extension, format)}`;
  if ('folder' in output) return join(output.folder, dirname(place), name);
  return root === undefined ? join(dirname(input), name) : join(root, BESIDE_FOLDER, dirname(place), name);
}

const clash = (output: string, other: string): string =>
  `${output} is already the output of ${other}. Enhance them into different folders.`;

/** Photos to read, by the loose name of their place. */
type Originals = ReadonlyMap<string, { readonly input: string; readonly identity: string }>;

async function objection(
  { identity }: Found,
  output: string,
  { existing }: JobOptions,
  originals: Originals,
): Promise<string | undefined> {
  if (!existsSync(output)) return undefined;
  await removeReservation(output);
  if (!existsSync(output)) return undefined;
  const original = await originalAt(output, originals);
  if (original?.identity === identity)
    return 'the output would replace the photo itself. Choose another output, or a --suffix.';
  if (original) return `the output would replace the photo ${original.input}. Choose another output.`;
  if (statSync(output).isDirectory()) return `${output} is a folder. Choose another output.`;
  if (existing === 'refuse')
    return `${output} exists. Use --overwrite to replace it, or --skip-existing to leave it.`;
  return undefined;
}

/** The input photo at a place, even if the file system spells the same name differently. */
async function originalAt(output: string, originals: Originals) {
  const real = await realpath(output);
  const original = originals.get(looseName(real));
  return original && (original.identity === real || isKnownOtherwise(real)) ? original : undefined;
}
