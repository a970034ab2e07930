import { describe, expect, it } from 'vitest';
import { decodeHdr } from '../../src/data/hdr-file';
import { isMonochrome, isPanorama } from '../../src/data/image';
import { listBundledScenes, readBundledScene } from '../../src/data/node/bundled-scenes';
import { decodeScene } from '../../src/data/scene';
import { InputError } from '../../src/errors';
import { concatBytes, encodeRadiance, proceduralImage, toRgbe } from './procedural';

const text = (string: string) => new TextEncoder().encode(string);
const header = (resolution: string, format = '32-bit_rle_rgbe') =>
  text(`#?RADIANCE\n# a comment\nEXPOSURE=2\nFORMAT=${format}\n\n${resolution}\n`);

/** Applies the precision of 8-bit mantissas. */
function quantised(data: Float32Array): Float32Array {
  const rgbe = toRgbe(data);
  return data.map((_, i) => {
    const pixel = 4 * Math.floor(i / 3);
    return rgbe[pixel + (i % 3)]! * 2 ** (rgbe[pixel + 3]! - 136);
  });
}

/** The current run-length form: per scanline, the components one after the other, in runs and literals. */
function encodeRuns(width: number, height: number, rgbe: Uint8Array): Uint8Array {
  const out: number[] = [];
  for (let y = 0; y < height; y++) {
    out.push(2, 2, width >> 8, width & 255);
    for (let c = 0; c < 4; c++) {
      const line = Array.from({ length: width }, (_, x) => rgbe[4 * (y * width + x) + c]!);
      for (let x = 0; x < width; ) {
        let run = 1;
        while (x + run < width && run < 127 && line[x + run] === line[x]) run++;
        if (run > 2) out.push(128 + run, line[x]!);
        else out.push(run, ...line.slice(x, x + run));
        x += run;
      }
    }
  }
  return Uint8Array.from(out);
}

describe('Radiance', () => {
  const image = proceduralImage(12, 5);
  const expected = quantised(image.data);

  it('reads flat files', () => {
    const decoded = decodeHdr(encodeRadiance(image));
    expect(decoded).toEqual({ width: 12, height: 5, data: expected, repairedPixels: 0 });
  });

  it('reads run-length files, literals and runs', () => {
    const flatTop = { ...image, data: image.data.map((v, i) => (i < 3 * 12 * 2 ? 0.75 : v)) };
    const bytes = concatBytes(header('-Y 5 +X 12'), encodeRuns(12, 5, toRgbe(flatTop.data)));
    expect(decodeHdr(bytes).data).toEqual(quantised(flatTop.data));
  });

  it('reads the older run-length form, with counts over 255', () => {
    const [a, b] = [
      [128, 64, 32, 129],
      [10, 20, 30, 128],
    ] as const;
    const line = Uint8Array.from([...a, 1, 1, 1, 4, 1, 1, 1, 1, ...b]); // 1 + 4 + 256 of a, 1 of b
    const { width, data } = decodeHdr(concatBytes(header('-Y 1 +X 262'), line));
    expect(width).toBe(262);
    expect([...data.subarray(0, 3)]).toEqual([1, 0.5, 0.25]);
    expect([...data.subarray(3 * 260, 3 * 261)]).toEqual([1, 0.5, 0.25]);
    expect([...data.subarray(3 * 261)]).toEqual([10 / 256, 20 / 256, 30 / 256]);
  });

  it('turns pictures whose rows or columns run the other way', () => {
    const upright = decodeHdr(encodeRadiance(image)).data;
    const turned = decodeHdr(encodeRadiance(image, '+Y 5 -X 12')).data;
    const pixels = (data: Float32Array) =>
      Array.from({ length: 60 }, (_, i) => [...data.subarray(3 * i, 3 * i + 3)]);
    expect(pixels(turned)).toEqual(pixels(upright).reverse());
  });

  it.each([
    ['cut short', concatBytes(header('-Y 5 +X 12'), toRgbe(image.data).subarray(0, 200)), /Truncated/],
    [
      'cut in a run',
      concatBytes(header('-Y 5 +X 12'), encodeRuns(12, 5, toRgbe(image.data)).subarray(0, 90)),
      /Truncated/,
    ],
    ['cut in the header', text('#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n'), /header does not end/],
    ['without a size', header('nonsense'), /its size reads "nonsense"/],
    [
      'of another width',
      concatBytes(header('-Y 5 +X 12'), Uint8Array.from([2, 2, 0, 9]), new Uint8Array(50)),
      /Damaged/,
    ],
    ['that claims to be huge', concatBytes(header('-Y 90000 +X 90000'), new Uint8Array(99)), /do not fit/],
    ['in XYZ', header('-Y 5 +X 12', '32-bit_rle_xyze'), /xyze are not supported/],
  ])('refuses files %s', (_, bytes, message) => {
    expect(() => decodeHdr(bytes)).toThrow(InputError);
    expect(() => decodeHdr(bytes)).toThrow(message);
  });
});

const BGR = { B: 2, G: 1, R: 0 };

/** An uncompressed OpenEXR file of float channels, given by name in alphabetical order with the values from `at`. */
function encodeExr(
  width: number,
  height: number,
  at: (i: number, channel: number) => number,
  channels: Readonly<Record<string, number>> = BGR,
): Uint8Array {
  const rowBytes = 4 * width * Object.keys(channels).length;
  const parts: Uint8Array[] = [Uint8Array.from([0x76, 0x2f, 0x31, 1, 2, 0, 0, 0])];
  const ints = (...values: number[]) => new Uint8Array(Int32Array.from(values).buffer);
  const attribute = (name: string, type: string, value: Uint8Array) =>
    parts.push(text(`${name}\0${type}\0`), ints(value.length), value);
  const channel = (name: string) => concatBytes(text(`${name}\0`), ints(2, 0, 1, 1));
  attribute('channels', 'chlist', concatBytes(...Object.keys(channels).map(channel), new Uint8Array(1)));
  attribute('compression', 'compression', new Uint8Array(1));
  attribute('dataWindow', 'box2i', ints(0, 0, width - 1, height - 1));
  attribute('displayWindow', 'box2i', ints(0, 0, width - 1, height - 1));
  attribute('lineOrder', 'lineOrder', new Uint8Array(1));
  attribute('pixelAspectRatio', 'float', new Uint8Array(Float32Array.of(1).buffer));
  attribute('screenWindowCenter', 'v2f', new Uint8Array(8));
  attribute('screenWindowWidth', 'float', new Uint8Array(Float32Array.of(1).buffer));
  parts.push(new Uint8Array(1));
  const start = concatBytes(...parts).length + 8 * height;
  const block = 8 + rowBytes;
  for (let y = 0; y < height; y++) parts.push(ints(start + y * block, 0));
  for (let y = 0; y < height; y++) {
    parts.push(ints(y, rowBytes));
    for (const c of Object.values(channels)) {
      const row = Float32Array.from({ length: width }, (_, x) => at(y * width + x, c));
      parts.push(new Uint8Array(row.buffer));
    }
  }
  return concatBytes(...parts);
}

describe('OpenEXR', () => {
  const value = (i: number, c: number) => 0.25 * i + 1000 * c;

  it('reads channels and rows in their places', () => {
    const { width, height, data } = decodeHdr(encodeExr(4, 3, value));
    expect([width, height]).toEqual([4, 3]);
    expect([...data]).toEqual(Array.from({ length: 36 }, (_, k) => value(Math.floor(k / 3), k % 3)));
  });

  it('reads luminance alone as grey', () => {
    const { data } = decodeHdr(encodeExr(4, 3, value, { Y: 0 }));
    expect([...data]).toEqual(Array.from({ length: 36 }, (_, k) => value(Math.floor(k / 3), 0)));
  });

  it.each([
    ['luminance and chroma', { BY: 2, RY: 1, Y: 0 }, /luminance and chroma \(Y, RY, BY\); save it as RGB/],
    ['the same with an alpha channel', { A: 3, BY: 2, RY: 1, Y: 0 }, /luminance and chroma/],
    ['depth alone', { Z: 0 }, /OpenEXR file/],
    ['colours of a layer alone', { 'sun.B': 2, 'sun.G': 1, 'sun.R': 0 }, /OpenEXR file/],
  ])('refuses %s', (_, channels, message) => {
    expect(() => decodeHdr(encodeExr(4, 3, value, channels))).toThrow(message);
  });

  it('refuses a truncated file', () => {
    const bytes = encodeExr(4, 3, value);
    for (const length of [6, 60, bytes.length - 30]) {
      expect(() => decodeHdr(bytes.subarray(0, length))).toThrow(/OpenEXR file truncated/);
    }
  });

  it('fills NaN and negative pixels with their darkest neighbour, and caps infinities', () => {
    const special = new Map<number, readonly number[]>([
      [250, [Number.NaN, 1, 1]],
      [450, [1, -Infinity, 1]],
      [650, [2, Infinity, 2]],
      [850, [-1, -1, -1]],
      [1050, [5, -3, 5]], // a colour outside the gamut: its luminance is negative too
      [1250, [5, 7, -3]],
    ]);
    const plain = (i: number, c: number) => (i % 100 === 49 ? 2 : 4) + c;
    const { data, repairedPixels } = decodeHdr(
      encodeExr(100, 60, (i, c) => special.get(i)?.[c] ?? plain(i, c)),
    );
    const at = (i: number) => [...data.subarray(3 * i, 3 * i + 3)];
    for (const filled of [250, 450, 850, 1050]) expect(at(filled)).toEqual([2, 3, 4]);
    expect(at(650)).toEqual([2, 7, 2]); // 7 is the largest finite value
    expect(at(1250)).toEqual([5, 7, 0]);
    expect(repairedPixels).toBe(3);
  });

  it('fills larger holes from the rim inwards', () => {
    const isHole = (i: number) => i % 20 > 5 && i % 20 < 11 && i >= 60 && i < 160;
    const { data } = decodeHdr(encodeExr(20, 10, (i) => (isHole(i) ? -2 : 0.5)));
    expect(data.every((value) => value === 0.5)).toBe(true);
  });

  it('refuses a picture with many NaN', () => {
    const bytes = encodeExr(20, 10, (i, c) => (i % 50 === 0 ? Number.NaN : value(i, c)));
    expect(() => decodeHdr(bytes)).toThrow(/4 of 200 pixels are NaN or infinite/);
  });
});

describe('decodeHdr', () => {
  it.each([
    ['empty', new Uint8Array(), /empty/],
    ['something else', text('<svg></svg>'), /Not an HDR file/],
    ['all black', encodeRadiance({ width: 8, height: 4, data: new Float32Array(96) }), /is black/],
  ])('refuses what is %s', (_, bytes, message) => {
    expect(() => decodeHdr(bytes)).toThrow(InputError);
    expect(() => decodeHdr(bytes)).toThrow(message);
  });
});

describe('bundled scenes', () => {
  it('decode: 18 coloured panoramas', async () => {
    const files = await listBundledScenes();
    expect(files.length).toBe(18);
    const first = files.find(({ name }) => name === 'forest');
    const scene = decodeScene('forest', await readBundledScene((first as { bundled: string }).bundled));
    expect([scene.image.width, scene.image.height]).toEqual([512, 256]);
    expect(scene).toMatchObject({ isPanorama: true, isMonochrome: false, repairedPixels: 0 });
    // The sky is above the ground.
    const half = scene.image.data.length / 2;
    const sum = (part: Float32Array) => part.reduce((a, b) => a + b, 0);
    expect(sum(scene.image.data.subarray(0, half))).toBeGreaterThan(2 * sum(scene.image.data.subarray(half)));
  });
});

describe('kinds of pictures', () => {
  it('recognises panoramas by their shape and monochrome ones by their pixels', () => {
    expect([isPanorama({ width: 64, height: 32 }), isPanorama({ width: 64, height: 33 })]).toEqual([
      true,
      false,
    ]);
    const image = proceduralImage(8, 8);
    expect(isMonochrome(image)).toBe(false);
    expect(isMonochrome({ ...image, data: image.data.map((_, i) => image.data[i - (i % 3)]!) })).toBe(true);
  });
});
