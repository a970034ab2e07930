import { statSync } from 'node:fs';
import { normalize } from 'node:path';
import { STREAM } from '../../enhance/node/jobs';
import { InputError } from '../../errors';
import { extensionOf, knownFormatOf, type PhotoFormat } from '../../photo/format';

/** The destination of results. */
export type Target =
  | { readonly folder: string }
  | { readonly file: string }
  | { readonly beside: true }
  | { readonly stream: true };

interface TargetFlags {
  readonly out?: string;
  readonly format?: PhotoFormat;
  readonly suffix?: string;
  readonly json?: boolean;
}

/**
 * Interprets `-o`: a dash is standard output, a photo's file name is a file, for a single photo, and anything else is
 * a folder. By default results go beside the photos, and from standard input to standard output.
 *
 * @throws {InputError} for contradictory options.
 */
export function targetOf(inputs: readonly string[], flags: TargetFlags): Target {
  const { format, suffix = '', json } = flags;
  const [first = ''] = inputs;
  if (/[/\\]/.test(suffix))
    throw usage(`--suffix is "${suffix}". It is part of a file name: leave out / and \\.`);
  const out = flags.out ?? (inputs.includes(STREAM) ? STREAM : undefined);
  if (out === undefined) return { beside: true };
  if ((out === STREAM || inputs.includes(STREAM)) && inputs.length > 1)
    throw usage('With - only one photo can be processed. Give one photo, or a folder with -o.');
  if (out === STREAM) {
    if (json) throw usage('--json and -o - both use standard output. Leave one of them out.');
    if (isFolder(first)) throw usage(`${first} is a folder, but -o - takes one photo.`);
    return { stream: true };
  }
  const named = knownFormatOf(out);
  if (inputs.length === 1 && named && !isFolder(out) && !isFolder(first)) {
    if (format && format !== named)
      throw usage(`--format is ${format}, but the output is called ${out}. Leave --format out.`);
    if (suffix) throw usage(`--suffix is for folders, but the output is the file ${out}.`);
    // Not yet existing folders followed by .. would hide that this is the photo itself.
    return { file: normalize(out) };
  }
  if (first === STREAM) {
    throw usage(`A photo from standard input has no name: give -o a file such as out.jpg, or -, not ${out}.`);
  }
  if (named && !isFolder(out)) {
    throw usage(`${out} is a file name, but several photos need a folder. Name a folder with -o.`);
  }
  if (!isFolder(out) && /^\.(avif|gif|heic|bmp|jxl)$/i.test(extensionOf(out)))
    throw usage(`${out}: photos are written as .jpg, .png, .webp or .tif.`);
  return { folder: out };
}

/** Contradictory options end the command like unknown ones. */
const usage = (message: string): InputError => new InputError(message, { code: 'invalid-option' });

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
