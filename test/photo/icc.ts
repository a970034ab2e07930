/** ICC profiles made from numbers, as small as ICC.1:2022 allows: for tests only. */

export type Curve = { gamma: number } | { table: readonly number[] } | { parametric: readonly number[] };

export interface ProfileDescription {
  readonly space: 'RGB ' | 'GRAY';
  /** XYZ of red, green and blue relative to D50. */
  readonly primaries?: readonly (readonly [number, number, number])[];
  readonly curve: Curve;
  /** Adds a tag, so that a reader treats the profile as table-based. */
  readonly extraTag?: string;
}

/** Adobe RGB (1998): gamma 563/256. */
export const ADOBE_RGB: ProfileDescription = {
  space: 'RGB ',
  primaries: [
    [0.60974, 0.31111, 0.01947],
    [0.20528, 0.62567, 0.06087],
    [0.14919, 0.06322, 0.74457],
  ],
  curve: { gamma: 563 / 256 },
};

/** ROMM RGB (ProPhoto): far beyond sRGB, with a line near black. */
export const PROPHOTO: ProfileDescription = {
  space: 'RGB ',
  primaries: [
    [0.79767, 0.28804, 0],
    [0.13519, 0.71188, 0],
    [0.03135, 0.00009, 0.82491],
  ],
  curve: { parametric: [1.8, 1, 0, 1 / 16, 1 / 32] },
};

export const GREY_GAMMA_18: ProfileDescription = { space: 'GRAY', curve: { gamma: 461 / 256 } };

export function iccProfile({ space, primaries = [], curve, extraTag }: ProfileDescription): Uint8Array {
  const tags: [string, Buffer][] = [
    ['desc', description()],
    ['cprt', text()],
    ['wtpt', xyz([0.9642, 1, 0.8249])],
  ];
  for (const [i, values] of primaries.entries()) tags.push([`${'rgb'[i]}XYZ`, xyz(values)]);
  for (const name of space === 'GRAY' ? ['kTRC'] : ['rTRC', 'gTRC', 'bTRC']) tags.push([name, encode(curve)]);
  if (extraTag) tags.push([extraTag, text()]);
  const table = 128 + 4 + 12 * tags.length;
  const profile = Buffer.alloc(tags.reduce((sum, [, data]) => sum + data.length, table));
  profile.writeUInt32BE(profile.length, 0);
  profile.writeUInt32BE(0x02100000, 8);
  profile.write('mntr', 12, 'latin1');
  profile.write(space, 16, 'latin1');
  profile.write('XYZ ', 20, 'latin1');
  profile.write('acsp', 36, 'latin1');
  xyz([0.9642, 1, 0.8249]).copy(profile, 68, 8);
  profile.writeUInt32BE(tags.length, 128);
  let at = table;
  tags.forEach(([name, data], i) => {
    profile.write(name, 132 + 12 * i, 'latin1');
    profile.writeUInt32BE(at, 136 + 12 * i);
    profile.writeUInt32BE(data.length, 140 + 12 * i);
    data.copy(profile, at);
    at += data.length;
  });
  return profile;
}

const fixed = (value: number): number => Math.round(value * 0x10000);

function xyz(values: readonly number[]): Buffer {
  const data = Buffer.alloc(20);
  data.write('XYZ ', 'latin1');
  for (const [i, value] of values.entries()) data.writeInt32BE(fixed(value), 8 + 4 * i);
  return data;
}

function encode(curve: Curve): Buffer {
  if ('parametric' in curve) {
    const data = Buffer.alloc(12 + 4 * curve.parametric.length);
    data.write('para', 'latin1');
    data.writeUInt16BE([1, 3, 4, 5, 7].indexOf(curve.parametric.length), 8);
    for (const [i, value] of curve.parametric.entries()) data.writeInt32BE(fixed(value), 12 + 4 * i);
    return data;
  }
  const values =
    'gamma' in curve ? [Math.round(256 * curve.gamma)] : curve.table.map((v) => Math.round(0xffff * v));
  const data = Buffer.alloc(4 * Math.ceil((12 + 2 * values.length) / 4));
  data.write('curv', 'latin1');
  data.writeUInt32BE(values.length, 8);
  for (const [i, value] of values.entries()) data.writeUInt16BE(value, 12 + 2 * i);
  return data;
}

function description(): Buffer {
  const data = Buffer.alloc(104);
  data.write('desc', 'latin1');
  data.writeUInt32BE(5, 8);
  data.write('test\0', 12, 'latin1');
  return data;
}

function text(): Buffer {
  const data = Buffer.alloc(16);
  data.write('text', 'latin1');
  data.write('none\0', 8, 'latin1');
  return data;
}
