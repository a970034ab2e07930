import { describe, expect, it } from 'vitest';
import { blendCore, readWindow } from '../../src/enhance/pixels';
import type { CheckedImage } from '../../src/photo/image';
import { codecOf } from '../../src/photo/pixel-codec';
import { Random } from '../../src/random';
import { plainCodec } from './support';

const photo = (width: number, height: number) => ({
  data: Uint8ClampedArray.from({ length: 4 * width * height }, (_, i) => (i * 7) % 256),
  width,
  height,
  channels: 4 as const,
});
const span = (start: number, end: number) => ({ start, end });

describe('readWindow', () => {
  it('gives planes in [0, 1], mirrored beyond right and bottom', () => {
    const image = photo(3, 2);
    const planes = readWindow(image, plainCodec, { rows: span(0, 16), columns: span(0, 16) });
    const column = [0, 1, 2, 2, 1, 0, 0, 1, 2, 2, 1, 0, 0, 1, 2, 2];
    const row = [0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0];
    for (let c = 0; c < 3; c++) {
      for (let y = 0; y < 16; y++) {
        for (let x = 0; x < 16; x++) {
          const value = image.data[4 * (row[y]! * 3 + column[x]!) + c]!;
          expect(planes[(c * 16 + y) * 16 + x]).toBe(Math.fround(value / 255));
        }
      }
    }
  });

  it('fills a window from a single pixel', () => {
    const planes = readWindow(photo(1, 1), plainCodec, { rows: span(0, 16), columns: span(0, 16) });
    expect(new Set(planes).size).toBe(3);
  });

  it('cuts a window out of the middle', () => {
    const image = photo(64, 64);
    const planes = readWindow(image, plainCodec, { rows: span(16, 32), columns: span(32, 48) });
    expect(planes[0]).toBe(Math.fround(image.data[4 * (16 * 64 + 32)]! / 255));
  });
});

describe('blendCore', () => {
  const window = { rows: span(0, 16), columns: span(0, 16) };

  it('clips, mixes by strength, rounds once, keeps alpha and what is outside of the core', () => {
    const image = photo(5, 5);
    const planes = new Float32Array(3 * 256);
    planes.fill(1.7, 0, 256);
    planes.fill(-0.3, 256, 512);
    planes.fill(0.5, 512);
    const result = new Uint8ClampedArray(image.data);
    blendCore(
      planes,
      {
        window,
        core: { rows: span(0, 2), columns: span(0, 16) },
        strength: 0.25,
        keepHue: false,
        tone: null,
      },
      image,
      plainCodec,
      result,
    );
    for (let i = 0; i < 25; i++) {
      const [r, g, b, a] = image.data.slice(4 * i, 4 * i + 4);
      const mixed = (value: number, old: number) => Math.round(0.25 * value + 0.75 * old);
      const expected = i < 10 ? [mixed(255, r!), mixed(0, g!), mixed(127.5, b!), a!] : [r!, g!, b!, a!];
      expect([...result.slice(4 * i, 4 * i + 4)]).toEqual(expected);
    }
  });

  describe.each<[string, Partial<CheckedImage>]>([
    ['sRGB', {}],
    ['sRGB of 16 bits', { data: new Uint16Array() }],
    ['Display P3', { colorSpace: 'display-p3' }],
    ['grey', { channels: 1 }],
  ])('clips nothing that was not: %s', (_, kind) => {
    it.each([false, true])('keepHue %s', (keepHue) => {
      const random = new Random('clips');
      const side = 16;
      const { channels = 3 } = kind;
      const most = kind.data ? 0xffff : 0xff;
      const ends = [0, 1, 2, most - 2, most - 1, most];
      const numbers = Array.from({ length: side * side * channels }, () =>
        random.chance(0.5) ? ends[random.integer(ends.length)]! : random.integer(most + 1),
      );
      const data = (kind.data ? Uint16Array : Uint8Array).from(numbers);
      const image: CheckedImage = { ...kind, data, width: side, height: side, channels };
      const planes = Float32Array.from({ length: 3 * side * side }, () => random.uniform(-0.5, 1.5));
      const result = data.slice();
      blendCore(
        planes,
        { window, core: window, strength: 1, keepHue, tone: null },
        image,
        codecOf(image),
        result,
      );
      expect(result).not.toEqual(data);
      for (const [i, level] of result.entries()) {
        if (level === 0 || level === most) expect(data[i]).toBe(level);
      }
    });
  });

  it('at strength 1 gives back 8-bit values exactly', () => {
    const image = photo(16, 16);
    const planes = readWindow(image, plainCodec, window);
    const result = new Uint8ClampedArray(image.data);
    blendCore(
      planes,
      { window, core: window, strength: 1, keepHue: false, tone: null },
      image,
      plainCodec,
      result,
    );
    expect(result).toEqual(image.data);
  });

  it('finishes by the curve before strength, clipped on both sides of it', () => {
    const image = photo(4, 4);
    const planes = new Float32Array(3 * 256);
    planes.fill(0.7, 0, 256).fill(0.4, 256, 512).fill(1.5, 512);
    const result = new Uint8ClampedArray(image.data);
    const tone = { black: 0.1, white: 0.9, exponent: 1.5, share: 0.5, chroma: 0.5 };
    const blend = { window, core: window, strength: 0.5, keepHue: false, tone };
    blendCore(planes, blend, image, plainCodec, result);
    const before = 0.2989360212937753 * 0.7 + 0.5870430744511215 * 0.4 + 0.1140209042551033;
    const after = 0.5 * before + 0.5 * ((before - 0.1) / 0.8) ** 1.5;
    const gain = 0.5 + (0.5 * after) / before;
    for (const [c, value] of [0.7, 0.4, 1].entries()) {
      const finished = Math.min(after + gain * (value - before), 1);
      const expected = 0.5 * 255 * finished + 0.5 * image.data[c]!;
      expect(Math.abs(result[c]! - Math.min(Math.max(expected, 1), 254))).toBeLessThan(0.51);
    }
  });

  it('preserves colours outside sRGB: the change is applied, the excess stays', () => {
    const data = Uint8Array.of(255, 0, 0, 30, 120, 90);
    const red = { data, width: 2, height: 1, channels: 3, colorSpace: 'display-p3' } as const;
    const codec = codecOf(red);
    const planes = readWindow(red, codec, window);
    expect(Math.max(...planes)).toBe(1);
    const blended = (values: Float32Array) => {
      const result = data.slice();
      blendCore(
        values,
        { window, core: window, strength: 1, keepHue: false, tone: null },
        red,
        codec,
        result,
      );
      return [...result];
    };
    // A network that changes nothing returns the same numbers, even those it could not see.
    expect(blended(planes)).toEqual([...data]);
    const darker = blended(planes.map((value) => 0.8 * value));
    const rgb = new Float64Array(3);
    codec.decode(Uint8Array.from(darker), 0, rgb);
    expect(rgb[0]).toBeGreaterThan(0.85);
    expect(rgb[1]).toBeLessThan(-0.1);
    expect(darker[0]).toBeLessThan(230);
  });
});
