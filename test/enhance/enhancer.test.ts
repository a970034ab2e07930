import { beforeAll, describe, expect, it } from 'vitest';
import { Enhancer } from '../../src/enhance/enhancer';
import { finishOf } from '../../src/enhance/finish';
import { readWindow } from '../../src/enhance/pixels';
import { AbortError, InputError, WeightsError } from '../../src/errors';
import type { Gpu } from '../../src/gpu/types';
import { Graph, Program } from '../../src/graph';
import { buildNetwork, decodeWeights, writeState } from '../../src/model';
import { applyToneCurve } from '../../src/photo/finish';
import type { RasterImage } from '../../src/photo/image';
import { openTestGpu } from '../support/gpu';
import { plainCodec, randomImage, randomRaster, TINY, tinyWeights } from './support';

let gpu: Gpu;
beforeAll(async () => {
  gpu = await openTestGpu();
});

const create = (tile?: number) => Enhancer.create({ gpu, model: tinyWeights(), ...(tile && { tile }) });
/** Where a level may have been kept off black or white, by up to one. */
const isKeptOff = (level: number) => level <= 1 || level >= 254;

describe('Enhancer', () => {
  it.each([
    [1, 1],
    [1, 17],
    [33, 15],
    [128, 128],
  ])('enhances %i x %i: same size, alpha kept, colours changed, input untouched', async (width, height) => {
    const image = randomImage(width, height);
    const before = image.data.slice();
    const enhancer = await create();
    const result = await enhancer.run(image);
    enhancer.dispose();
    expect(image.data).toEqual(before);
    expect([result.width, result.height, result.data.length]).toEqual([width, height, before.length]);
    for (let i = 3; i < before.length; i += 4) expect(result.data[i]).toBe(before[i]);
    expect(result.data).not.toEqual(before);
  });

  it('returns the exact photo at strength 0, and a blend in between', async () => {
    const image = randomImage(20, 30);
    const enhancer = await create();
    const [none, half, full] = [
      await enhancer.run(image, { strength: 0 }),
      await enhancer.run(image, { strength: 0.5 }),
      await enhancer.run(image),
    ];
    enhancer.dispose();
    expect(none.data).toEqual(image.data);
    for (let i = 0; i < full.data.length; i++) {
      // The blend is rounded once; the full effect was rounded too, and half of that error enters the mean.
      const tolerance = isKeptOff(full.data[i]!) ? 1.25 : 0.75;
      expect(Math.abs(half.data[i]! - (image.data[i]! + full.data[i]!) / 2)).toBeLessThanOrEqual(tolerance);
    }
  });

  it('gives the same bytes again, from the same and from a new instance', async () => {
    const image = randomImage(45, 37);
    const first = await create();
    const results = [await first.run(image), await first.run(image)];
    first.dispose();
    const second = await create();
    results.push(await second.run(image));
    second.dispose();
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });

  it.each([
    [640, 150, 240],
    [263, 330, 280],
  ])('gives the same bytes in tiles as in one piece, %i x %i', async (width, height, side) => {
    const image = randomImage(width, height);
    const whole = await create(1024);
    const expected = await whole.run(image, { finish: true });
    whole.dispose();
    const tiled = await create(side);
    const fractions: number[] = [];
    const result = await tiled.run(image, {
      finish: true,
      onProgress: (fraction) => fractions.push(fraction),
    });
    tiled.dispose();
    expect(fractions.length).toBeGreaterThan(2);
    expect(Buffer.compare(Buffer.from(result.data), Buffer.from(expected.data))).toBe(0);
  });

  it('sees the whole photo: distant pixels matter through the global feature', async () => {
    const image = randomImage(500, 40);
    const enhancer = await create();
    const before = await enhancer.run(image, { finish: false });
    for (let y = 0; y < 40; y++) image.data.fill(255, 4 * (y * 500 + 400), 4 * (y * 500 + 500));
    const after = await enhancer.run(image, { finish: false });
    enhancer.dispose();
    expect(after.data.subarray(0, 400)).not.toEqual(before.data.subarray(0, 400));
  });

  it('reports progress up to 1 and answers calls in order when they overlap', async () => {
    const enhancer = await create();
    const finished: string[] = [];
    const fractions: number[] = [];
    const image = randomImage(40, 40);
    await Promise.all([
      enhancer.run(image, { onProgress: (f) => fractions.push(f) }).then(() => finished.push('first')),
      enhancer.run(randomImage(8, 8)).then(() => finished.push('second')),
    ]);
    enhancer.dispose();
    expect(finished).toEqual(['first', 'second']);
    expect(fractions.at(-1)).toBe(1);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
  });

  it('stops at a signal, before and within a run, and works afterwards', async () => {
    const enhancer = await create(240);
    const image = randomImage(500, 60);
    await expect(enhancer.run(image, { signal: AbortSignal.abort() })).rejects.toThrow(AbortError);
    const controller = new AbortController();
    let calls = 0;
    const run = enhancer.run(image, {
      signal: controller.signal,
      onProgress: () => {
        calls++;
        controller.abort();
      },
    });
    await expect(run).rejects.toThrow(AbortError);
    expect(calls).toBe(1);
    const late = new AbortController();
    const large = randomImage(640, 150);
    const whole: number[] = [];
    await enhancer.run(large, { onProgress: (fraction) => whole.push(fraction) });
    const some: number[] = [];
    const stopped = enhancer.run(large, {
      signal: late.signal,
      onProgress: (fraction) => some.push(fraction) === 2 && late.abort(),
    });
    await expect(stopped).rejects.toThrow(AbortError);
    // Two reports came before; no tile started afterwards.
    expect(some).toEqual(whole.slice(0, 2));
    expect(whole.length).toBeGreaterThan(3);
    await expect(enhancer.run(randomImage(8, 8))).resolves.toBeDefined();
    enhancer.dispose();
  });

  it('cannot be used after dispose, which may be called twice; the device of the caller stays', async () => {
    const enhancer = await create();
    enhancer.dispose();
    enhancer.dispose();
    await expect(enhancer.run(randomImage(4, 4))).rejects.toThrow(/disposed/);
    const other = await create();
    await expect(other.run(randomImage(4, 4))).resolves.toBeDefined();
    const interrupted = other.run(randomImage(300, 300));
    other.dispose();
    await expect(interrupted).rejects.toThrow(InputError);
  });

  it('refuses images and options that make no sense', async () => {
    const enhancer = await create();
    const data = new Uint8ClampedArray(16);
    const run = (width: number, height: number) => enhancer.run({ data, width, height });
    await expect(run(0, 4)).rejects.toThrow(InputError);
    await expect(run(2.5, 2)).rejects.toThrow(InputError);
    await expect(run(3, 2)).rejects.toThrow(/16 values.*take 24/);
    for (const strength of [-0.1, 1.1, Number.NaN]) {
      await expect(enhancer.run(randomImage(2, 2), { strength })).rejects.toThrow(InputError);
    }
    enhancer.dispose();
    await expect(create(100)).rejects.toThrow(/240/);
  });

  it('refuses weights that are damaged, cut short or not finite', async () => {
    const weights = tinyWeights();
    const load = (bytes: Uint8Array) => Enhancer.create({ gpu, model: bytes, modelName: 'mine.safetensors' });
    await expect(load(new Uint8Array(0))).rejects.toThrow(WeightsError);
    await expect(load(weights.subarray(0, weights.length - 10))).rejects.toThrow(/mine\.safetensors/);
    const poisoned = weights.slice();
    poisoned.set(new Uint8Array(new Float32Array([Number.NaN]).buffer), poisoned.length - 4);
    await expect(load(poisoned)).rejects.toThrow(/not finite/);
  });

  it('runs a network without a global encoder', async () => {
    const config = { ...TINY, globalEncoder: false };
    const enhancer = await Enhancer.create({ gpu, model: tinyWeights(config) });
    await expect(enhancer.run(randomImage(17, 9))).resolves.toBeDefined();
    enhancer.dispose();
  });

  it('agrees with the network as it is trained: one graph, batch norms not folded, resize inside', async () => {
    const image = randomImage(64, 32, 'agreement');
    const { config, state } = decodeWeights(tinyWeights(), 'tiny');
    if (config.kind !== 'local-global') throw new Error('tiny is a local-global network');
    const graph = new Graph();
    const input = graph.input('input', [1, 3, 32, 64]);
    const { output } = buildNetwork(graph, input, config, { mode: 'inference' });
    const program = await Program.compile(gpu, graph, { fetch: [output] });
    writeState(program, state);
    const rectangle = { rows: { start: 0, end: 32 }, columns: { start: 0, end: 64 } };
    program.write('input', readWindow({ ...image, channels: 4 }, plainCodec, rectangle));
    program.run();
    const planes = await program.read(output);
    program.destroy();
    const enhancer = await create();
    const { data } = await enhancer.run(image, { finish: false });
    enhancer.dispose();
    for (let i = 0; i < 64 * 32; i++) {
      for (let c = 0; c < 3; c++) {
        const seen = image.data[4 * i + c]!;
        const [low, high] = [Math.min(seen, 1), Math.max(seen, 254)];
        const exact = Math.min(Math.max(255 * planes[c * 64 * 32 + i]!, low), high);
        expect(Math.abs(data[4 * i + c]! - exact)).toBeLessThan(0.51);
      }
    }
  });

  it("finishes the picture based on the network's output for the whole photo, if requested", async () => {
    // As large as the view, so that the network's picture of the whole equals its picture of the photo.
    const image = randomRaster(32, 32, { channels: 3 }) as RasterImage<Uint8ClampedArray>;
    const enhancer = await create();
    const plain = await enhancer.run(image);
    const finished = await enhancer.run(image, { finish: true });
    expect(finished.data).not.toEqual(plain.data);
    expect(plain.data).toEqual((await enhancer.run(image, { finish: false })).data);
    await enhancer.dispose();
    const curve = finishOf(image.data, plain.data)!;
    const rgb = new Float64Array(3);
    for (let i = 0; i < plain.data.length; i += 3) {
      for (let c = 0; c < 3; c++) rgb[c] = plain.data[i + c]! / 255;
      applyToneCurve(curve, rgb);
      // Here the curve is computed from the rounded picture, there from the picture itself.
      for (let c = 0; c < 3; c++) {
        const level = Math.min(Math.max(255 * rgb[c]!, 0), 255);
        expect(Math.abs(finished.data[i + c]! - level)).toBeLessThan(3);
      }
    }
  });

  it('keeps the form of the image: channels, 16 bits, colour space', async () => {
    const enhancer = await create();
    const ramp = Uint16Array.from({ length: 300 }, (_, i) => 200 * i);
    const grey = await enhancer.run({ data: ramp, width: 20, height: 15, channels: 1 });
    expect(grey.data).toBeInstanceOf(Uint16Array);
    expect([grey.width, grey.height, grey.channels, grey.data.length]).toEqual([20, 15, 1, 300]);
    expect(new Set([...grey.data].map((value) => value % 257)).size).toBeGreaterThan(20);
    const rgb = randomRaster(9, 7, { channels: 3, colorSpace: 'display-p3' });
    const result = await enhancer.run(rgb);
    expect(result).toMatchObject({ width: 9, height: 7, channels: 3, colorSpace: 'display-p3' });
    expect(result.data).not.toEqual(rgb.data);
    expect((await enhancer.run(rgb, { strength: 0 })).data).toEqual(rgb.data);
    await enhancer.dispose();
  });

  it('gives 16 bits the same result as 8, with finer steps', async () => {
    const image = randomRaster(30, 20, { channels: 3 }) as RasterImage<Uint8ClampedArray>;
    const enhancer = await create();
    const coarse = await enhancer.run(image, { finish: false });
    const deep = { ...image, data: Uint16Array.from(image.data, (v) => 257 * v) };
    const fine = await enhancer.run(deep, { finish: false });
    await enhancer.dispose();
    for (let i = 0; i < coarse.data.length; i++)
      expect(Math.abs(fine.data[i]! / 257 - coarse.data[i]!)).toBeLessThan(0.501);
  });

  it('keeps the hue of each pixel if requested, at any strength', async () => {
    const image = randomImage(30, 20);
    const enhancer = await create();
    for (const strength of [1, 0.5]) {
      const { data } = await enhancer.run(image, { keepHue: true, strength });
      expect(data).not.toEqual(image.data);
      for (let i = 0; i < data.length; i += 4) {
        // The middle channel keeps its relative position between least and most, up to rounding.
        const before = [...image.data.subarray(i, i + 3)];
        const order = [0, 1, 2].sort((a, b) => before[a]! - before[b]!);
        const [least, middle, most] = order.map((c) => data[i + c]!);
        const [low, mid, high] = order.map((c) => before[c]!);
        if (high === low) expect(most).toBe(least);
        else {
          const share = (mid! - low!) / (high! - low!);
          const tolerance = isKeptOff(least!) || isKeptOff(most!) ? 2.01 : 1.01;
          expect(Math.abs(middle! - (least! + share * (most! - least!)))).toBeLessThanOrEqual(tolerance);
        }
      }
    }
    await enhancer.dispose();
  });

  it('refuses options that it cannot honour', async () => {
    const model = tinyWeights();
    const unknown = 'f8' as unknown as 'f16';
    await expect(Enhancer.create({ gpu, model, precision: unknown })).rejects.toThrow(/precision is "f8"/);
    await expect(Enhancer.create({ gpu, device: gpu.device, model })).rejects.toThrow(InputError);
    const enhancer = await create();
    const data = new Uint8Array(12);
    const run = (image: object) => enhancer.run({ data, width: 2, height: 2, ...image } as RasterImage);
    await expect(run({ channels: 5 })).rejects.toThrow(/channels is 5/);
    await expect(run({ channels: 4 })).rejects.toThrow(/12 values.*take 16/);
    await expect(run({ channels: 3, data: [1, 2] })).rejects.toThrow(/Uint16Array/);
    await expect(run({ channels: 3, colorSpace: 'lab' })).rejects.toThrow(/"lab"/);
    await expect(enhancer.run({} as RasterImage)).rejects.toThrow(/ImageBitmap/);
    await enhancer.dispose();
  });
});
