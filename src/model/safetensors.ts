import { WeightsError } from '../errors';
import { fromHalf, toHalf } from '../half';
import type { StateDict, StateTensor } from './state-dict';

/**
 * The safetensors format (github.com/huggingface/safetensors): eight bytes with the length of the header, a JSON
 * header with the type, shape and position of each tensor, then the numbers, little-endian, without gaps.
 */

interface SafetensorsFile {
  readonly tensors: StateDict;
  readonly metadata: Readonly<Record<string, string>>;
}

/** How numbers are stored. In memory they are always single precision. */
export type StoredType = 'F32' | 'F16';

const BYTES_PER_ELEMENT: Readonly<Record<StoredType, number>> = { F32: 4, F16: 2 };

/** Number types that can be read: PyTorch may save any of them. */
const READERS: Readonly<Record<string, (view: DataView, at: number) => number>> = {
  F64: (view, at) => view.getFloat64(at, true),
  F32: (view, at) => view.getFloat32(at, true),
  F16: (view, at) => fromHalf(view.getUint16(at, true)),
  BF16: (view, at) => bfloat16(view, at),
};

/** Size in bytes of the format's types. */
const TYPE_BYTES: Readonly<Record<string, number>> = {
  ...{ F64: 8, I64: 8, U64: 8, F32: 4, I32: 4, U32: 4 },
  ...{ F16: 2, BF16: 2, I16: 2, U16: 2, I8: 1, U8: 1, BOOL: 1 },
};

/** The format's own limit on the length of the header. */
const MAX_HEADER_BYTES = 100_000_000;

const METADATA_KEY = '__metadata__';

/** @param typeOf the type to store a tensor as. Default: single precision. */
export function encodeSafetensors(
  tensors: StateDict,
  metadata: Readonly<Record<string, string>> = {},
  typeOf: (name: string) => StoredType = () => 'F32',
): Uint8Array<ArrayBuffer> {
  const header: Record<string, unknown> = { [METADATA_KEY]: metadata };
  let end = 0;
  for (const [name, { shape, data }] of tensors) {
    const dtype = typeOf(name);
    const begin = end;
    end += data.length * BYTES_PER_ELEMENT[dtype];
    header[name] = { dtype, shape, data_offsets: [begin, end] };
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  // Spaces at the end of the header align the numbers to eight bytes, as the format allows.
  const headerLength = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerLength + end);
  bytes.fill(0x20, 8, 8 + headerLength);
  bytes.set(json, 8);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(headerLength), true);
  let at = 8 + headerLength;
  for (const [name, { data }] of tensors) {
    const dtype = typeOf(name);
    for (const value of data) {
      if (dtype === 'F32') view.setFloat32(at, value, true);
      else view.setUint16(at, toHalf(value), true);
      at += BYTES_PER_ELEMENT[dtype];
    }
  }
  return bytes;
}

/**
 * @param name how messages refer to the file.
 * @param skip selects tensors to leave out, whatever their type.
 * @throws WeightsError if the file is truncated or damaged, or a tensor does not hold real numbers.
 */
export function decodeSafetensors(
  bytes: Uint8Array,
  name: string,
  skip: (key: string) => boolean = () => false,
): SafetensorsFile {
  const { header, dataStart } = readHeader(bytes, name);
  const entries = Object.entries(header)
    .filter(([key]) => key !== METADATA_KEY)
    .map(([key, value]) => readEntry(value, key, name))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  requireWithoutGaps(entries, bytes.length - dataStart, name);
  const view = new DataView(bytes.buffer, bytes.byteOffset + dataStart);
  // In the order of the header, as written by the author.
  const byName = new Map(entries.map((entry) => [entry.key, entry]));
  const tensors = new Map<string, StateTensor>();
  for (const key of Object.keys(header)) {
    const entry = byName.get(key);
    if (entry !== undefined && !skip(key))
      tensors.set(key, { shape: entry.shape, data: readNumbers(view, entry, name) });
  }
  return { tensors, metadata: readMetadata(header[METADATA_KEY], name) };
}

/** Recognises the text that servers and Git deliver instead of a missing weight file. */
function textInstead(bytes: Uint8Array): string | undefined {
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 64)).replace(/^(\xef\xbb\xbf)?\s*/, '');
  if (/^<(!doctype|html|head|body|!--|\?xml)/i.test(start)) {
    return (
      'an HTML page, not a weight file: there is probably nothing at this address, and the server answered with a page of ' +
      'its own. Check the address.'
    );
  }
  if (start.startsWith('version https://git-lfs')) {
    return 'a Git LFS pointer, not a weight file. Run git lfs pull, and use the file it fetches.';
  }
  return undefined;
}

interface Entry {
  readonly key: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

function readHeader(bytes: Uint8Array, name: string): { header: Record<string, unknown>; dataStart: number } {
  const page = textInstead(bytes);
  if (page) throw new WeightsError(`${name} is ${page}`);
  if (bytes.length < 8) throw damaged(name, `it has ${bytes.length} bytes and no header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES)) {
    throw damaged(name, `it claims a header of ${length} bytes, so it is not a safetensors file`);
  }
  const dataStart = 8 + Number(length);
  if (dataStart > bytes.length) {
    throw damaged(
      name,
      `its header should have ${length} bytes, but the file ends after ${bytes.length - 8}`,
    );
  }
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, dataStart)));
  } catch {
    throw damaged(name, 'its header is not JSON');
  }
  if (!isRecord(header)) throw damaged(name, 'its header is not a JSON object');
  return { header, dataStart };
}

function readEntry(value: unknown, key: string, name: string): Entry {
  if (!isRecord(value)) throw damaged(name, `the entry of "${key}" is not an object`);
  const { dtype, shape, data_offsets: offsets } = value;
  const size = typeof dtype === 'string' ? TYPE_BYTES[dtype] : undefined;
  if (size === undefined) throw damaged(name, `"${key}" has the type ${JSON.stringify(dtype)}`);
  if (!isCountList(shape)) throw damaged(name, `"${key}" has the shape ${JSON.stringify(shape)}`);
  if (!isCountList(offsets) || offsets.length !== 2) {
    throw damaged(name, `"${key}" has the offsets ${JSON.stringify(offsets)}`);
  }
  const [begin, end] = offsets as [number, number];
  const bytes = shape.reduce((product, length) => product * length, size);
  if (end - begin !== bytes) {
    throw damaged(
      name,
      `"${key}" has ${end - begin} bytes, but its shape [${shape.join(', ')}] takes ${bytes}`,
    );
  }
  return { key, dtype: dtype as string, shape, begin, end };
}

/** Tensors must be contiguous and fill the file: nothing truncated, shared or hidden. */
function requireWithoutGaps(sorted: readonly Entry[], available: number, name: string): void {
  let expected = 0;
  for (const { key, begin, end } of sorted) {
    if (begin < expected) throw damaged(name, `"${key}" overlaps the tensor before it`);
    if (begin > expected) throw damaged(name, `there are ${begin - expected} unused bytes before "${key}"`);
    expected = end;
  }
  if (expected > available) {
    throw damaged(
      name,
      `its tensors take ${expected} bytes, but only ${available} are there: it is truncated`,
    );
  }
  if (expected < available) throw damaged(name, `${available - expected} bytes follow the last tensor`);
}

function readNumbers(view: DataView, { key, dtype, begin, end }: Entry, name: string): Float32Array {
  const read = READERS[dtype];
  if (!read) {
    throw new WeightsError(
      `${name}: "${key}" is stored as ${dtype}; only ${Object.keys(READERS).join(', ')} can be read. ` +
        'Convert the tensors to float32 and save the file again.',
    );
  }
  const size = TYPE_BYTES[dtype]!;
  return Float32Array.from({ length: (end - begin) / size }, (_, index) => read(view, begin + index * size));
}

/** bfloat16 is the upper half of a float. */
function bfloat16(view: DataView, at: number): number {
  word[0] = view.getUint16(at, true) << 16;
  return float[0]!;
}

const word = new Uint32Array(1);
const float = new Float32Array(word.buffer);

function readMetadata(value: unknown, name: string): Record<string, string> {
  if (value === undefined) return {};
  if (!isRecord(value) || !Object.values(value).every((text) => typeof text === 'string')) {
    throw damaged(name, 'its metadata is not a map of text');
  }
  return value as Record<string, string>;
}

const damaged = (name: string, how: string): WeightsError =>
  new WeightsError(`${name} cannot be used: ${how}. Download or copy it again.`);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isCountList = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
