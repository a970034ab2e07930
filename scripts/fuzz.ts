/**
 * Gives damaged files to the readers and tells what came of it:
 *
 *     npm run fuzz -- [all|metadata|images|icc|weights|hdr|exr] [minutes] [seed]
 *
 * A file may be read, or refused by an error of ours. Anything else is a finding, written to the temporary folder: another
 * error, a crash, more than a second of processor time for metadata, profiles and weights, ten for images and HDR, more than
 * 300 MB. The decoder of OpenEXR may be ended when its budget is used up, as a training does; how often is told.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
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
  /** Milliseconds of processor time that one file may take. */
  readonly limit: number;
  /** What exceeds the limit is ended by whoever uses the reader, and so is no finding. */
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

/** Bits flipped, numbers set to extremes, parts cut out, doubled or moved. */
function damaged(seed: Bytes, random: Random): Bytes {
  let bytes: Bytes = seed.slice();
  for (let n = 1 + random.integer(6); n > 0; n--) {
    // Headers are where it hurts.
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

/** In the child: file after file, each told before it is read. */
async function work(target: Target, seed: number): Promise<void> {
  const seeds = await target.seeds();
  for (let number = seed; ; number++) {
    const random = new Random(number);
    const bytes = damaged(seeds[random.integer(seeds.length)]!, random);
    process.send!({ number, memory: process.resourceUsage().maxRSS });
    const before = process.cpuUsage();
    let finding: string | undefined;
    try {
      await target.read(bytes);
    } catch (error) {
      if (!(error instanceof GlocalError)) finding = error instanceof Error ? error.stack : String(error);
    }
    const { user, system } = process.cpuUsage(before);
    if (!target.isWatched && (user + system) / 1000 > target.limit)
      finding ??= `${((user + system) / 1000).toFixed(0)} ms`;
    if (finding !== undefined) process.send!({ number, finding });
  }
}

interface Said {
  readonly number: number;
  readonly memory?: number;
  readonly finding?: string;
}

const MOST_KILOBYTES = 300e3;

/** Starts a child, and another one behind every file that ends it. */
async function supervise(kind: string, minutes: number, first: number): Promise<void> {
  const end = Date.now() + 60_000 * minutes;
  const findings = new Map<number, string>();
  let next = first;
  let ended = 0;
  while (Date.now() < end) {
    const run = await runChild(kind, next, end, findings);
    next = run.next;
    if (run.wasEnded) ended++;
  }
  const folder = mkdtempSync(join(tmpdir(), `glocal-fuzz-${kind}-`));
  const seeds = await TARGETS[kind]!.seeds();
  for (const [number, what] of findings) {
    const random = new Random(number);
    writeFileSync(join(folder, `${number}.bin`), damaged(seeds[random.integer(seeds.length)]!, random));
    console.log(`${number}: ${what}`);
  }
  const watched = ended > 0 ? `, ${ended} ended when their budget was used up` : '';
  console.log(
    `${kind}: ${next - first} files in ${minutes.toFixed(1)} minutes${watched}, ${findings.size} findings`,
  );
  if (findings.size === 0) return;
  console.log(`They are in ${folder}.`);
  process.exitCode = 1;
}

/** How often a child's processor time is looked at, in milliseconds. */
const LOOK = 250;
/** For systems that do not tell the processor time of another process, on machines that may be loaded. */
const PATIENCE = 120_000;

interface ChildRun {
  readonly next: number;
  readonly wasEnded: boolean;
}

function runChild(kind: string, from: number, end: number, findings: Map<number, string>): Promise<ChildRun> {
  const { limit, isWatched } = TARGETS[kind]!;
  const child = fork(process.argv[1]!, [fileURLToPath(import.meta.url), kind, '--child', String(from)]);
  let at = from;
  let base = 0;
  let wasEnded = false;
  // Of the file at work; the first one comes when the child has started.
  let begun: { readonly time: number; processor?: number | null } | undefined;
  const stop = (why: string) => {
    findings.set(at, why);
    child.kill('SIGKILL');
  };
  const look = setInterval(() => {
    if (Date.now() > end) child.kill('SIGKILL');
    if (!begun || wasEnded) return;
    const processor = processorTimeOfTree(child.pid!);
    // Asked for here alone: most files take less than one look.
    if (begun.processor === undefined) begun.processor = processor;
    const used = processor !== null && begun.processor !== null ? processor - begun.processor : null;
    // What takes a little longer than it may says so itself.
    const isOver = used === null ? Date.now() - begun.time > PATIENCE : used > limit * (isWatched ? 1 : 2);
    if (!isOver) return;
    const file = begun;
    // On a loaded machine the child may have said long ago that it is at another file: those messages come first.
    setImmediate(() => {
      if (begun !== file) return;
      wasEnded = true;
      if (isWatched) child.kill('SIGKILL');
      else stop(`no end after ${used === null ? 'two minutes' : `${used} ms of processor time`}`);
    });
  }, LOOK);
  child.on('message', ({ number, memory, finding }: Said) => {
    if (finding !== undefined) findings.set(number, finding);
    else if (memory !== undefined) {
      base ||= memory;
      at = number;
      if (memory - base > MOST_KILOBYTES) {
        at = number - 1;
        stop(`${((memory - base) / 1000).toFixed(0)} MB`);
      }
    }
    begun = { time: Date.now() };
  });
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      clearInterval(look);
      if (signal !== 'SIGKILL') findings.set(at, `the process ended (${signal ?? code})`);
      resolve({ next: at + 1, wasEnded: wasEnded && isWatched === true });
    });
  });
}

const [, , , kind = 'all', second = '5', third = '1'] = process.argv;
const kinds = kind === 'all' ? Object.keys(TARGETS) : [kind];
const target = TARGETS[kinds[0]!];
if (!target) throw new Error(`Name one of all, ${Object.keys(TARGETS).join(', ')}.`);
if (second === '--child') await work(target, Number(third));
else for (const one of kinds) await supervise(one, Number(second) / kinds.length, Number(third));
