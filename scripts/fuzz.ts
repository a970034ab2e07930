/**
 * Feeds damaged files to the readers and reports the results:
 *
 *     npm run fuzz -- [all|metadata|images|icc|weights|hdr|exr] [minutes] [seed]
 *
 * A file may be read, or refused with one of our errors. Anything else is a finding, written to the temporary folder:
 * other errors, crashes, more than a second of processor time for metadata, profiles and weights, ten for images and
 * HDR, more than 300 MB. Each is read again alone before it counts. The OpenEXR decoder may be ended when its budget
 * is used up, as in training; the number of times is reported.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { processorTimeOfTree } from '../src/bench/node/processor-time';
import { budgetFor, DECODE_BUDGET } from '../src/data/decode-budget';
import { decodeHdr } from '../src/data/hdr-file';
import { listBundledScenes, readBundledScene } from '../src/data/node/bundled-scenes';
import { GlocalError } from '../src/errors';
import { initialWeights, networkConfig } from '../src/model';
import { decodeWeights, encodeWeights } from '../src/model/weights';
import { embedMetadata } from '../src/photo/embed-metadata';
import { uprightExif } from '../src/photo/exif';
import { findMetadata } from '../src/photo/find-metadata';
import { parseProfile } from '../src/photo/icc-profile';
import { makeProfile, SRGB_CURVE } from '../src/photo/make-profile';
import { decodePhoto } from '../src/photo/node/photo';
import { rawPreview } from '../src/photo/raw-preview';
import { exifFromTiff } from '../src/photo/tiff';
import { Random } from '../src/random';

type Bytes = Uint8Array<ArrayBuffer>;

interface Target {
  /** Milliseconds of processor time allowed per file. */
  readonly limit: number;
  /** Callers of this reader end it at its limit, so exceeding that is no finding. */
  readonly isWatched?: true;
  seeds(): Promise<Bytes[]>;
  read(bytes: Bytes): unknown;
}

const small = { width: 48, height: 32, channels: 3, background: '#684' } as const;
const withExif = () =>
  sharp({ create: small }).withExif({ IFD0: { ImageDescription: 'a picture', Artist: 'somebody' } });
const copied = (bytes: Uint8Array): Bytes => new Uint8Array(bytes);
const encodings = () => [withExif().jpeg(), withExif().png(), withExif().webp(), withExif().tiff()];
const pictures = async () => Promise.all(encodings().map(async (one) => copied(await one.toBuffer())));

const TARGETS: Readonly<Record<string, Target>> = {
  metadata: {
    limit: 1000,
    seeds: async () => {
      const files = await pictures();
      const { exif } = await sharp(files[0]!).metadata();
      const avif = copied(await withExif().avif({ effort: 0 }).toBuffer());
      const raw = Buffer.concat([Buffer.from('FUJIFILMCCD-RAW '), Buffer.alloc(132), files[0]!]);
      return [...files, copied(exif!.subarray(6)), avif, copied(raw)];
    },
    async read(bytes) {
      const found = await findMetadata(bytes);
      rawPreview(bytes);
      const exif = uprightExif(bytes, 48, 32);
      const blocks = [found.exif, exif, exifFromTiff(bytes)];
      const plain = await sharp({ create: small }).tiff().toBuffer();
      for (const block of blocks) if (block) await embedMetadata(plain, 'tiff', { exif: block }, PLAIN);
    },
  },
  icc: {
    limit: 1000,
    seeds: async () => [copied(makeProfile(SRGB_PRIMARIES, SRGB_CURVE, 'sRGB')!)],
    read: parseProfile,
  },
  images: { limit: 10_000, seeds: pictures, read: (bytes) => decodePhoto(bytes, 'it') },
  weights: {
    limit: 1000,
    seeds: async () => {
      const config = networkConfig({ width: 4, globalWidth: 4 });
      return [encodeWeights(initialWeights(config, 1), config)];
    },
    read: (bytes) => decodeWeights(bytes, 'it'),
  },
  hdr: {
    limit: 10_000,
    seeds: async () => [copied(radiance(64, 16))],
    read: decodeHdr,
  },
  exr: {
    limit: 1000 * budgetFor(DECODE_BUDGET, 512 * 256),
    isWatched: true,
    seeds: async () => {
      const scenes = (await listBundledScenes()).slice(0, 3);
      return Promise.all(
        scenes.map(async (scene) => copied(await readBundledScene('bundled' in scene ? scene.bundled : ''))),
      );
    },
    read: decodeHdr,
  },
};

const SRGB_PRIMARIES = {
  white: [0.3127, 0.329],
  red: [0.64, 0.33],
  green: [0.3, 0.6],
  blue: [0.15, 0.06],
} as const;

const PLAIN = { width: 48, height: 32, hasAlpha: false };

/** Run-length encoded lines of one colour. */
function radiance(width: number, height: number): Buffer {
  const line = [2, 2, width >> 8, width & 255];
  for (const value of [90, 120, 60, 129]) line.push(128 + width, value);
  const header = Buffer.from(`#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y ${height} +X ${width}\n`);
  return Buffer.concat([header, Buffer.from(Array.from({ length: height }, () => line).flat())]);
}

/** Flips bits, sets numbers to extremes, and cuts out, repeats or moves parts. */
function damaged(seed: Bytes, random: Random): Bytes {
  let bytes: Bytes = seed.slice();
  for (let n = 1 + random.integer(6); n > 0; n--) {
    // Headers are the most sensitive.
    const at = random.integer(random.chance(0.5) ? Math.min(bytes.length, 512) : bytes.length);
    const length = 1 + random.integer(64);
    const kind = random.integer(5);
    if (kind === 0) bytes[at]! ^= 1 << random.integer(8);
    else if (kind === 1) bytes.fill([0, 255, 127, 128][random.integer(4)]!, at, at + 1 + random.integer(4));
    else if (kind === 2) bytes = copied(Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]));
    else if (kind === 3) bytes.copyWithin(random.integer(bytes.length), at, at + length);
    else bytes = random.chance(0.2) ? bytes.slice(0, at) : bytes;
    if (bytes.length === 0) return bytes;
  }
  return bytes;
}

/** A child's message: ready for a file, or a problem with one. */
interface Said {
  readonly number: number;
  /** Largest resident set so far, in kilobytes. */
  readonly memory?: number;
  /** Milliseconds of processor time used so far. */
  readonly processor?: number;
  readonly finding?: string;
}

/**
 * In the child: reads file after file, each on the parent's request. The parent always knows which file is being
 * read, however late messages arrive on a loaded machine.
 */
async function work(target: Target, first: number): Promise<void> {
  const seeds = await target.seeds();
  for (let number = first; ; number++) {
    const bytes = fileOf(seeds, number);
    const before = process.cpuUsage();
    const processor = (before.user + before.system) / 1000;
    process.send!({ number, memory: process.resourceUsage().maxRSS, processor } satisfies Said);
    await once(process, 'message');
    let finding: string | undefined;
    try {
      await target.read(bytes);
    } catch (error) {
      if (!(error instanceof GlocalError)) finding = error instanceof Error ? error.stack : String(error);
    }
    const { user, system } = process.cpuUsage(before);
    if (!target.isWatched && (user + system) / 1000 > target.limit)
      finding ??= `${((user + system) / 1000).toFixed(0)} ms`;
    if (finding !== undefined) process.send!({ number, finding } satisfies Said);
  }
}

function fileOf(seeds: readonly Bytes[], number: number): Bytes {
  const random = new Random(number);
  return damaged(seeds[random.integer(seeds.length)]!, random);
}

const MOST_KILOBYTES = 300e3;

/**
 * Starts a child, and another after every file that ends one. A suspected finding is read again, alone in a fresh
 * child, to rule out effects of earlier files.
 */
async function supervise(kind: string, minutes: number, first: number): Promise<void> {
  const end = Date.now() + 60_000 * minutes;
  const findings = new Map<number, string>();
  let next = first;
  let ended = 0;
  while (Date.now() < end) {
    const run = await runChild(kind, next, { end });
    next = run.next;
    for (const number of run.suspects) {
      const alone = await runChild(kind, number, { last: number });
      if (alone.wasEnded) ended++;
      for (const [, what] of alone.findings) findings.set(number, what);
    }
  }
  const folder = mkdtempSync(join(tmpdir(), `glocal-fuzz-${kind}-`));
  const seeds = await TARGETS[kind]!.seeds();
  for (const [number, what] of findings) {
    writeFileSync(join(folder, `${number}.bin`), fileOf(seeds, number));
    console.log(`${number}: ${what}`);
  }
  const watched = ended > 0 ? `, ${ended} ended when their budget was used up` : '';
  console.log(
    `${kind}: ${next - first} files in ${minutes.toFixed(1)} minutes${watched}, ${findings.size} findings`,
  );
  if (findings.size === 0) rmdirSync(folder);
  else {
    console.log(`They are in ${folder}.`);
    process.exitCode = 1;
  }
}

/** Milliseconds between checks of a child's processor time. */
const LOOK = 250;
/** For systems that do not reveal the processor time of another process, on machines that may be loaded. */
const PATIENCE = 120_000;

interface ChildRun {
  readonly next: number;
  readonly findings: ReadonlyMap<number, string>;
  /** Files to read alone: suspected findings, and one whose child was ended. */
  readonly suspects: readonly number[];
  readonly wasEnded: boolean;
}

/** Runs until the time `end`, or through the file `last`. */
function runChild(
  kind: string,
  from: number,
  { end = Number.POSITIVE_INFINITY, last = Number.POSITIVE_INFINITY },
): Promise<ChildRun> {
  const { limit, isWatched } = TARGETS[kind]!;
  const child = fork(process.argv[1]!, [fileURLToPath(import.meta.url), kind, '--child', String(from)]);
  const findings = new Map<number, string>();
  let at = from;
  let base: number | undefined;
  let isOver = false;
  let wasEnded = false;
  // Start of the current file.
  let begun: { readonly time: number; readonly processor: number } | undefined;
  const stop = () => {
    isOver = true;
    child.kill('SIGKILL');
  };
  const look = setInterval(() => {
    if (isOver) return;
    if (Date.now() > end) return stop();
    if (!begun) return;
    const processor = processorTimeOfTree(child.pid!);
    const used = processor === null ? null : Math.round(processor - begun.processor);
    // A file that takes slightly too long may still report that itself.
    if (used === null ? Date.now() - begun.time < PATIENCE : used < limit * (isWatched ? 1 : 2)) return;
    wasEnded = true;
    const time = used === null ? 'two minutes' : `${used} ms of processor time`;
    if (!isWatched) findings.set(at, `no end after ${time}`);
    stop();
  }, LOOK);
  child.on('message', ({ number, memory, processor, finding }: Said) => {
    if (isOver) return;
    if (finding !== undefined) {
      findings.set(number, finding);
      return;
    }
    base ??= memory!;
    if (memory! - base > MOST_KILOBYTES)
      findings.set(number - 1, `${((memory! - base) / 1000).toFixed(0)} MB`);
    if (number > last || memory! - base > MOST_KILOBYTES) return stop();
    at = number;
    begun = { time: Date.now(), processor: processor! };
    child.send('read');
  });
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      clearInterval(look);
      if (!isOver) findings.set(at, `the process ended (${signal ?? code})`);
      const suspects = [...new Set([...findings.keys(), ...(wasEnded ? [at] : [])])];
      resolve({ next: at + 1, findings, suspects, wasEnded: wasEnded && isWatched === true });
    });
  });
}

const [, , , kind = 'all', second = '5', third = '1'] = process.argv;
const kinds = kind === 'all' ? Object.keys(TARGETS) : [kind];
const target = TARGETS[kinds[0]!];
if (!target) throw new Error(`Name one of all, ${Object.keys(TARGETS).join(', ')}.`);
if (second === '--child') await work(target, Number(third));
else for (const one of kinds) await supervise(one, Number(second) / kinds.length, Number(third));
