import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '../../src/random';

/**
 * Writes small Radiance files with smooth light, hard edges and a range of about 2^12, drawn from their names,
 * so that a training has something to learn without any data at hand.
 */
export function writeScenes(folder: string, names: readonly string[], width = 96, height = 64): void {
  mkdirSync(folder, { recursive: true });
  for (const name of names) writeFileSync(join(folder, `${name}.hdr`), radiance(width, height, scene(name)));
}

type Light = (x: number, y: number) => readonly [number, number, number];

function scene(name: string): Light {
  const random = new Random(name);
  const discs = Array.from({ length: 8 }, () => ({
    x: random.uniform(),
    y: random.uniform(),
    radius: random.uniform(0.05, 0.3),
    colour: [random.uniform(), random.uniform(), random.uniform()],
    power: 2 ** random.uniform(-6, 6),
  }));
  return (x, y) => {
    const light: [number, number, number] = [0.02 + 0.2 * y, 0.03 + 0.15 * y, 0.05 + 0.3 * (1 - y)];
    for (const disc of discs) {
      if (Math.hypot(x - disc.x, y - disc.y) > disc.radius) continue;
      for (let c = 0; c < 3; c++) light[c]! += disc.power * disc.colour[c]!;
    }
    return light;
  };
}

/** Flat RGBE: the format's plain form, without run lengths. */
function radiance(width: number, height: number, light: Light): Uint8Array {
  const header = `#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y ${height} +X ${width}\n`;
  const bytes = new Uint8Array(header.length + 4 * width * height);
  bytes.set(new TextEncoder().encode(header));
  let at = header.length;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const rgb = light(x / width, y / height);
      const exponent = Math.floor(Math.log2(Math.max(...rgb))) + 1;
      for (const value of rgb) bytes[at++] = Math.min(255, Math.floor(value * 2 ** (8 - exponent)));
      bytes[at++] = exponent + 128;
    }
  }
  return bytes;
}
