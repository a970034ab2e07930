import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { concatBytes, viewOf } from '../../../src/photo/bytes';
import type { PhotoFormat } from '../../../src/photo/format';
import { decodePhoto, encodePhoto } from '../../../src/photo/node/photo';

/** Metadata of a photo and its result, read by ExifTool, which shares no code with ours. */

export function hasExifTool(): boolean {
  try {
    execFileSync('exiftool', ['-ver'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** One process for all calls, because starting it takes longer than its work. */
let started: ChildProcessWithoutNullStreams | undefined;
let calls = Promise.resolve('');

function ask(options: readonly string[]): Promise<string> {
  started ??= spawn('exiftool', ['-stay_open', 'True', '-@', '-']);
  const { stdin, stdout } = started;
  return new Promise((resolve) => {
    let said = '';
    const hear = (chunk: Buffer) => {
      said += chunk.toString();
      if (!said.endsWith('{ready}\n')) return;
      stdout.off('data', hear);
      resolve(said.slice(0, -'{ready}\n'.length));
    };
    stdout.on('data', hear);
    stdin.write(`${[...options, '-execute'].join('\n')}\n`);
  });
}

/** Call at the end of the tests. */
export async function closeExifTool(): Promise<void> {
  if (!started) return;
  started.stdin.end('-stay_open\nFalse\n');
  await once(started, 'exit');
}

/** Runs exiftool over a file of these bytes. */
async function onFile<T>(
  bytes: Uint8Array,
  options: readonly string[],
  result: (path: string, said: string) => T,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'glocal-exiftool-'));
  const path = join(folder, 'file');
  try {
    writeFileSync(path, bytes);
    calls = calls.then(() => ask([...options, path]));
    return result(path, await calls);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Values by group and name. */
export const tagsOf = (bytes: Uint8Array): Promise<Record<string, unknown>> =>
  onFile(bytes, ['-json', '-G1', '-n'], (_, said) => (JSON.parse(said) as Record<string, unknown>[])[0]!);

/** The file with values set, such as `-Artist=Ann`. */
export const withTags = (bytes: Uint8Array, ...values: string[]): Promise<Buffer> =>
  onFile(bytes, ['-n', '-overwrite_original', ...values], (path) => readFileSync(path));

export const picture = (): Sharp =>
  sharp({ create: { width: 24, height: 16, channels: 3, background: '#345' } });
export const jpeg = () => picture().jpeg().toBuffer();

/** Through our decoder and encoder. */
export async function through(file: Uint8Array, format: PhotoFormat) {
  const photo = await decodePhoto(file, 'a photo');
  const encoded = await encodePhoto(photo, format);
  return {
    tags: await tagsOf(encoded.bytes),
    bytes: encoded.bytes,
    notes: [...photo.notes, ...encoded.notes],
  };
}

/** Segments directly after the start of a JPEG. */
export function withSegments(file: Uint8Array, ...segments: (readonly [number, Uint8Array])[]): Uint8Array {
  const made = segments.map(([marker, payload]) => {
    const header = Uint8Array.of(0xff, marker, 0, 0);
    viewOf(header).setUint16(2, payload.length + 2);
    return concatBytes(header, payload);
  });
  return concatBytes(file.subarray(0, 2), ...made, file.subarray(2));
}
