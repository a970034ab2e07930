import { InvalidArgumentError } from 'commander';
import type { Shard } from '../enhance/node/jobs';
import { DRIVER_NAMES } from '../gpu/node/drivers';
import { knownFormatOf, type PhotoFormat } from '../photo/format';

/** Parsers of option values; commander prints their errors. */

/** 0, 1, 2, ... */
export function whole(text: string): number {
  if (!/^\d+$/.test(text.trim())) throw new InvalidArgumentError('Give a whole number, 0 or more.');
  return Number(text);
}

/** 1, 2, 3, ... */
export function positive(text: string): number {
  const value = whole(text);
  if (value === 0) throw new InvalidArgumentError('Give a whole number, 1 or more.');
  return value;
}

/** A whole number between two, inclusive. */
export function wholeWithin(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
    if (value >= low && value <= high) return value;
    throw new InvalidArgumentError(`Give a whole number from ${low} to ${high}.`);
  };
}

export function real(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('Give a number.');
  return value;
}

export function realAbove(low: number): (text: string) => number {
  return (text) => {
    const value = real(text);
    if (value <= low) throw new InvalidArgumentError(`Give a number above ${low}.`);
    return value;
  };
}

export function photoFormat(text: string): PhotoFormat {
  const format = knownFormatOf(`photo.${text}`);
  if (!format) throw new InvalidArgumentError('Give jpg, png, webp or tiff.');
  return format;
}

/** A name for `--driver`; whether it is available is found out later. */
export function driverName(text: string): string {
  if (text !== '' && !DRIVER_NAMES.includes(text) && !text.endsWith('.json'))
    throw new InvalidArgumentError(`Give ${DRIVER_NAMES.join(', ')}, or the path of an ICD file (.json).`);
  return text;
}

/** Known names, separated by commas. */
export function named<T extends string>(kind: string, known: readonly T[]): (text: string) => T[] {
  return (text) => {
    const names = text.split(',').map((name) => name.trim());
    const unknown = names.find((name) => !(known as readonly string[]).includes(name));
    if (unknown !== undefined) {
      throw new InvalidArgumentError(`Unknown ${kind} "${unknown}". Known: ${known.join(', ')}.`);
    }
    return names as T[];
  };
}

/** i/n: the i-th of n parts. */
export function shard(text: string): Shard {
  const [, index = 0, count = 0] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).map(Number);
  if (index < 1 || index > count)
    throw new InvalidArgumentError('Give i/n, for example 1/4 for the first of four parts.');
  return { index, count };
}
