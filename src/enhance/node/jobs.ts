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

/** Stands for standard input and output, as with other commands. */
export const STREAM = '-';

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

/** Part `index` (from 1) of `count`. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

export interface JobOptions {
  /**
   * Where results go: a folder, for a single photo a file, or beside each photo: `photo-enhanced.jpg`, and for a folder
   * of photos a folder `enhanced` within it.
   */
  readonly output: { readonly folder: string } | { readonly file: string } | { readonly beside: true };
  /** Folders within folders too; their layout is kept. */
  readonly recursive: boolean;
  /** Of raw files the JPEG previews are taken. */
  readonly rawPreview?: boolean;
  /** Put between name and extension. Default: `-enhanced` for a photo whose result goes beside it, else nothing. */
  readonly suffix?: string;
  /** Format of the outputs; that of the input when absent (PNG where it is not one that is written). */
  readonly format?: PhotoFormat;
  /** What is done about outputs that exist. */
  readonly existing: 'refuse' | 'overwrite' | 'skip';
  /** Take only these of the photos: every `count`-th in the order of their places. */
  readonly shard?: Shard;
}

export interface JobPlan {
  readonly jobs: readonly EnhanceJob[];
  readonly refusals: readonly Refusal[];
  /** Outputs are there already. */
  readonly skipped: readonly EnhanceJob[];
  /** How many pictures of other formats the folders hold, by extension. */
  readonly passedOver: ReadonlyMap<string, number>;
}

/** A photo below an argument. */
interface Place {
  readonly input: string;
  /** Its path below the output folder. */
  readonly place: string;
  /** The folder that was given, if one was. */
  readonly root?: string;
}

interface Found extends Place {
  /** Whatever it is called. */
  readonly identity: string;
}

/**
 * Finds the photos and decides where each goes, before anything is computed. Nothing is created. A photo is
 * never written over itself or over another output of the same call.
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
    // Whose output it is must not depend on the shard.
    if (!isMine.has(photo)) continue;
    const error =
      other === undefined ? await objection(photo, output, options, originals) : clash(output, other);
    if (error) refusals.push({ input, error });
    else if (options.existing === 'skip' && existsSync(output)) skipped.push({ input, output });
    else jobs.push({ input, output });
  }
  return { jobs, refusals, skipped, passedOver };
}

/** What folders hold besides photos. */
interface Aside {
  readonly refusals: Refusal[];
  readonly passedOver: Map<string, number>;
}

/** A search in one folder that was given; the folder of results within it is left out. */
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

/** Bytes that are no UTF-8 come as a sign of replacement, and there is no way back to them. */
const isUnreadableName = (path: string): boolean => path.includes('\ufffd') && !existsSync(path);

/** Every `count`-th photo in the order of places: the same for every machine that sees the same photos. */
function shardOf(found: readonly Found[], shard: Shard | undefined): ReadonlySet<Found> {
  if (!shard) return new Set(found);
  const key = ({ place, input }: Found) => `${place.split(sep).join('/')}\0${input}`;
  const sorted = [...found].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  return new Set(sorted.filter((_, i) => i % shard.count === shard.index - 1));
}

/** The photos of one argument, or why there are none. */
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
  const hint = options.recursive ? '' : '; folders within it are searched with --recursive';
  return `${given} has no photos (${PHOTO_EXTENSIONS.join(', ')})${hint}`;
}

/** In order of names, without hidden files, pipes and devices, and the output folder, should it lie within. */
async function photosIn(folder: string, options: JobOptions, aside: Search): Promise<string[]> {
  const entries: Dirent[] = await readdir(folder, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const photos: string[] = [];
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith('.')) continue;
    // A link to a folder is not followed: it may lead back here.
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

/** A folder that cannot be searched stops no other. */
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

/** What is no file may never end. */
const isPhotoFile = (entry: Dirent): boolean =>
  (entry.isFile() || entry.isSymbolicLink()) && isPhotoExtension(extname(entry.name));

/** The folder in which results go that are no photos to enhance. */
function outputFolder(root: string, { output }: JobOptions): string | undefined {
  if ('file' in output) return undefined;
  return resolve('folder' in output ? output.folder : join(root, BESIDE_FOLDER));
}

const BESIDE_FOLDER = 'enhanced';
const BESIDE_SUFFIX = '-enhanced';

/** Whoever enhances all photos of a folder again means the photos, not the results of the first time. */
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
  // An extension that says nothing of the format leaves the word to the content.
  const byContent = () => (rawPreview && isRawExtension(extension) ? 'jpeg' : formatOfFile(input));
  const format = wanted ?? (isPhotoExtension(extension) ? undefined : byContent());
  const stem = basename(place, extension);
  const name = `${stem}${suffix}${writableExtension(extension, format)}`;
  if ('folder' in output) return join(output.folder, dirname(place), name);
  return root === undefined ? join(dirname(input), name) : join(root, BESIDE_FOLDER, dirname(place), name);
}

const clash = (output: string, other: string): string =>
  `${output} is already the output of ${other}. Enhance them into different folders.`;

/** A photo to read, by the loose name of its place. */
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

/** The photo that is at a place, also where the file system takes another spelling for the same name. */
async function originalAt(output: string, originals: Originals) {
  const real = await realpath(output);
  const original = originals.get(looseName(real));
  return original && (original.identity === real || isKnownOtherwise(real)) ? original : undefined;
}
