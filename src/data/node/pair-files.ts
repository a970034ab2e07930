import { createWriteStream, existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';
import { PARTIAL, writeFileAtomically } from '../../atomic-file-node';
import { InputError } from '../../errors';
import { makeFolder } from '../../make-folder-node';
import { reason } from '../../reason';
import { sharp } from '../../sharp-node';
import { type Pair, synthesisePair } from '../pair';
import { splitScenes } from '../split';
import {
  DEFAULT_SYNTHESIS,
  REAL_WORLD,
  type SynthesisConfig,
  type TargetName,
  targetSynthesis,
} from '../synthesis-config';
import { validationDraws } from '../validation-set';
import { listBundledScenes } from './bundled-scenes';
import { openPairs } from './pairs';
import { listScenes, sceneSource } from './scenes';

/** Which scenes to make pairs from: the training set, the held-out set, or both. */
export const PARTS = ['training', 'validation', 'all'] as const;

export interface PairFilesRequest {
  /** Folder of HDR files. Default: the small set of @pmndrs/assets. */
  readonly data?: string;
  /** A folder, or one .tar file. */
  readonly out: string;
  readonly count: number;
  /** Number of the first pair. */
  readonly first: number;
  readonly part: (typeof PARTS)[number];
  readonly size: number;
  readonly seed: number;
  readonly target: TargetName;
  readonly degrade: boolean;
  readonly overwrite: boolean;
  readonly workers: number;
  readonly onNotice: (message: string) => void;
  readonly onProgress: (done: number, total: number) => void;
}

/** Digits of a pair's number in file names. */
const DIGITS = 6;

/** Pairs made ahead of the one being written, per worker. */
const AHEAD = 4;

/** One file, by its name. */
type NamedFile = readonly [name: string, content: Uint8Array | string];

/**
 * Writes pairs as `000012.input.png`, `000012.target.png` and `000012.json`, to a folder or to a .tar in WebDataset
 * layout. Pair k is a function of k, the seed, the scenes and the options. In the training part it is the pair that
 * `glocal train` learns from with the same seed, in the validation part the pair that it validates on.
 *
 * @throws InputError for unusable scenes or an unusable destination.
 */
export async function writePairs(request: PairFilesRequest): Promise<void> {
  const { out, overwrite } = request;
  const isTar = extname(out).toLowerCase() === '.tar';
  refuseTaken(out, isTar, overwrite);
  const files = filesOf(request);
  try {
    await (isTar ? writeTar(out, files) : writeFolder(out, files));
  } catch (cause) {
    // Only system errors; our own already explain themselves.
    if (!(cause instanceof Error && 'syscall' in cause)) throw cause;
    throw new InputError(`${out} cannot be written: ${reason(cause)}. Choose another place.`, { cause });
  }
}

function refuseTaken(out: string, isTar: boolean, overwrite: boolean): void {
  const isTaken = existsSync(out) && (isTar || readdirSync(out).length > 0);
  if (!isTaken || overwrite) return;
  throw new InputError(
    `${out} ${isTar ? 'exists' : 'is not empty'}. Choose another place, or replace what is there with --overwrite.`,
  );
}

async function writeFolder(out: string, files: AsyncIterable<NamedFile>): Promise<void> {
  makeFolder(out);
  for await (const [name, content] of files) writeFileAtomically(join(out, name), content);
}

/** Writes to a temporary file until it is whole. */
async function writeTar(out: string, files: AsyncIterable<NamedFile>): Promise<void> {
  makeFolder(dirname(out));
  const beside = `${out}${PARTIAL}`;
  const tar = pack();
  const written = pipeline(tar, createWriteStream(beside, { flush: true }));
  // Errors of the file are handled below, after the pairs.
  written.catch(() => {});
  try {
    for await (const [name, content] of files) {
      // Fixed metadata, so that the same pairs give the same file.
      const entry = { name, mtime: new Date(0), mode: 0o644, uid: 0, gid: 0 };
      await new Promise<void>((resolve, reject) => {
        tar.entry(entry, Buffer.from(content), (error) => (error ? reject(error) : resolve()));
        written.catch(reject);
      });
    }
    tar.finalize();
    await written;
    renameSync(beside, out);
  } catch (error) {
    tar.destroy();
    await written.catch(() => {});
    rmSync(beside, { force: true });
    throw error;
  }
}

async function* filesOf(request: PairFilesRequest): AsyncGenerator<NamedFile> {
  const { first, count, onProgress } = request;
  const png = (data: Uint8Array, size: number) =>
    sharp(data, { raw: { width: size, height: size, channels: 3 } })
      .png()
      .toBuffer();
  let number = first;
  for await (const { size, input, target, meta } of pairsOf(request)) {
    const name = String(number).padStart(DIGITS, '0');
    const { seed, part, target: kind } = request;
    yield [`${name}.input.png`, await png(input, size)];
    yield [`${name}.target.png`, await png(target, size)];
    yield [`${name}.json`, `${JSON.stringify({ pair: number, seed, part, targets: kind, ...meta })}\n`];
    number++;
    onProgress(number - first, count);
  }
}

async function* pairsOf({
  data,
  part,
  first,
  count,
  seed,
  size,
  target,
  degrade,
  workers,
  onNotice,
}: PairFilesRequest): AsyncGenerator<Pair> {
  const all = data === undefined ? await listBundledScenes() : await listScenes(data);
  const scenes = part === 'all' ? all : splitScenes(all)[part];
  if (scenes.length === 0) {
    throw new InputError(`${data}: one scene is too few to hold one out. Use --part all, or add HDR images.`);
  }
  const config: SynthesisConfig = {
    ...DEFAULT_SYNTHESIS,
    patch: size,
    target: targetSynthesis(target),
    ...(degrade && { degradation: REAL_WORLD }),
  };
  if (part === 'validation') {
    let k = 0;
    const draws = validationDraws(scenes.map(sceneSource), { count: first + count, seed, onNotice });
    for await (const { scene, random } of draws) {
      if (k++ >= first) yield synthesisePair(scene, random, config);
    }
    return;
  }
  const source = openPairs({ scenes, seed, config, workers, onNotice });
  try {
    const waiting: Promise<Pair>[] = [];
    for (let k = first; k < first + count || waiting.length > 0; k++) {
      if (k < first + count) {
        const pair = source.make(k);
        // Handled where it is awaited.
        pair.catch(() => {});
        waiting.push(pair);
      }
      if (waiting.length > AHEAD * workers || k >= first + count - 1) yield await waiting.shift()!;
    }
  } finally {
    await source.close();
  }
}
