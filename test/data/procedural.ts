import type { LinearImage } from '../../src/data/image';
import { isMonochrome, isPanorama } from '../../src/data/image';
import type { Scene } from '../../src/data/scene';

/** A smooth, colourful picture with a range of about 11 stops, everywhere above zero. */
export function proceduralImage(width: number, height: number, phase = 0): LinearImage {
  const data = new Float32Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) {
        const wave =
          Math.sin((2 * Math.PI * 3 * x) / width + phase + 0.9 * c) * Math.cos((9 * y) / height + 0.4 * c);
        data[3 * (y * width + x) + c] = 0.02 + 0.3 * 2 ** (4 * wave) + ((x * 7 + y * 13 + c * 5) % 17) / 40;
      }
    }
  }
  return { width, height, data };
}

export function proceduralScene(name: string, width: number, height: number, phase = 0): Scene {
  const image = proceduralImage(width, height, phase);
  return {
    name,
    image,
    isPanorama: isPanorama(image),
    isPhoto: false,
    isMonochrome: isMonochrome(image),
    repairedPixels: 0,
  };
}

/** A flat (not run-length coded) Radiance file. */
export function encodeRadiance(image: LinearImage, resolution?: string): Uint8Array<ArrayBuffer> {
  const { width, height, data } = image;
  const header = `#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n${resolution ?? `-Y ${height} +X ${width}`}\n`;
  return concatBytes(new TextEncoder().encode(header), toRgbe(data));
}

export function toRgbe(data: ArrayLike<number>): Uint8Array {
  const rgbe = new Uint8Array((data.length / 3) * 4);
  for (let i = 0, j = 0; i < data.length; i += 3, j += 4) {
    const channels = [data[i] as number, data[i + 1] as number, data[i + 2] as number];
    const largest = Math.max(...channels);
    if (largest === 0) continue;
    const exponent = Math.floor(Math.log2(largest)) + 1;
    channels.forEach((value, c) => {
      rgbe[j + c] = Math.floor(value * 2 ** (8 - exponent));
    });
    rgbe[j + 3] = exponent + 128;
  }
  return rgbe;
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
