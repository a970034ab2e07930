import { describe, expect, it } from 'vitest';
import { AdapterError, MemoryError, ShaderError, ShapeError } from '../../src/errors';
import { createStorageBuffer, readBuffer, upload } from '../../src/gpu/buffers';
import { record } from '../../src/gpu/command-list';
import type { KernelCall } from '../../src/gpu/kernel-call';
import type { Binding } from '../../src/gpu/step';
import { openTestGpu } from '../support/gpu';

/** y[i] = FACTOR * x[i] + offset, with words of all three types in the uniform block. */
const affine = {
  name: 'affine',
  code: `
// constants
const FACTOR: f32 = 1.0;
// end constants
struct Params { count: u32, shift: i32, offset: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(4) fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.count) { return; }
  y[id.x] = FACTOR * x[id.x] + f32(params.shift) + params.offset;
}`,
};

function affineCall(x: Binding, y: Binding, change: Partial<KernelCall<Binding>> = {}): KernelCall<Binding> {
  return {
    kernel: affine,
    label: 'affine/test',
    constants: { FACTOR: 2 },
    params: { count: 6, shift: -1, offset: 0.25 },
    bindings: [x, y],
    dispatch: [2, 1, 1],
    flops: 18,
    bytes: 48,
    ...change,
  };
}

async function setUp() {
  const gpu = await openTestGpu();
  const x = await createStorageBuffer(gpu, 32, 'x');
  const y = await createStorageBuffer(gpu, 32, 'y');
  upload(gpu, x, new Float32Array([1, 2, 3, 4, 5, 6, 7, 8]));
  return { gpu, x, y, floats: async (b: GPUBuffer) => [...new Float32Array(await readBuffer(gpu, b, 32))] };
}

describe('record', () => {
  it('replays calls in order with their own constants and parameters', async () => {
    const { gpu, x, y, floats } = await setUp();
    const back = affineCall(y, x, { constants: {}, params: { count: 8, shift: 0, offset: 10 } });
    const list = await record(gpu, [affineCall(x, y), back]);
    list.submit();
    expect(await floats(y)).toEqual([1.25, 3.25, 5.25, 7.25, 9.25, 11.25, 0, 0]);
    expect(await floats(x)).toEqual([11.25, 13.25, 15.25, 17.25, 19.25, 21.25, 10, 10]);
    list.submit();
    expect((await floats(y))[0]).toBe(2 * 11.25 - 0.75);
    list.destroy();
  });

  it('binds parts of buffers', async () => {
    const { gpu, y, floats } = await setUp();
    const x = await createStorageBuffer(gpu, 512, 'wide');
    upload(gpu, x, new Float32Array([5, 6]), 256);
    const part = { buffer: x, offset: 256, size: 16 };
    (await record(gpu, [affineCall(part, y, { params: { count: 2, shift: 0, offset: 0 } })])).submit();
    expect(await floats(y)).toEqual([10, 12, 0, 0, 0, 0, 0, 0]);
  });

  it('profiles each call with its minimal work', async () => {
    const { gpu, x, y } = await setUp();
    const list = await record(gpu, [affineCall(x, y), affineCall(x, y, { label: 'second' })]);
    const times = await list.profile(1);
    expect(times.map(({ label, flops, bytes }) => [label, flops, bytes])).toEqual([
      ['affine/test', 18, 48],
      ['second', 18, 48],
    ]);
    for (const { ms } of times) expect(ms).toBeGreaterThanOrEqual(0);
  });

  it.each([[0], [1.5], [Number.NaN], [70_000]])(
    'refuses a dispatch of %d workgroups by the name of its call',
    async (n) => {
      const { gpu, x, y } = await setUp();
      const recorded = record(gpu, [affineCall(x, y, { dispatch: [1, n, 1] })]);
      await expect(recorded).rejects.toThrow(ShapeError);
      await expect(recorded).rejects.toThrow(`affine/test: a dispatch of 1 x ${n} x 1 workgroups`);
    },
  );

  it.each<[what: string, params: Record<string, number>, message: string]>([
    ['one missing', { count: 6, shift: 0 }, 'the parameters lack offset.'],
    [
      'one too many',
      { count: 6, shift: 0, offset: 0, scale: 1 },
      'have scale, which its struct Params lacks.',
    ],
    ['one misspelt', { count: 6, shfit: 0, offset: 0 }, 'lack shift and have shfit, which its struct'],
    ['an u32 below zero', { count: -1, shift: 0, offset: 0 }, '-1 does not fit the parameter count: u32.'],
    [
      'an i32 with a fraction',
      { count: 6, shift: 0.5, offset: 0 },
      '0.5 does not fit the parameter shift: i32.',
    ],
    ['two swapped', { count: 0.25, shift: -1, offset: 6 }, '0.25 does not fit the parameter count: u32.'],
    ['an i32 too large', { count: 6, shift: 2 ** 31, offset: 0 }, 'the parameter shift: i32.'],
    [
      'an f32 that is no number',
      { count: 6, shift: 0, offset: Number.NaN },
      'NaN does not fit the parameter offset',
    ],
  ])('refuses parameters with %s before any dispatch', async (_, params, message) => {
    const { gpu, x, y, floats } = await setUp();
    const recorded = record(gpu, [affineCall(x, y), affineCall(x, y, { params })]);
    await expect(recorded).rejects.toThrow(ShaderError);
    await expect(recorded).rejects.toThrow('affine/test (affine): ');
    await expect(recorded).rejects.toThrow(message);
    expect(await floats(y)).toEqual(Array(8).fill(0));
  });

  it('refuses bindings that the kernel does not have', async () => {
    const { gpu, x, y } = await setUp();
    const recorded = record(gpu, [affineCall(x, y, { bindings: [x] })]);
    await expect(recorded).rejects.toThrow(ShaderError);
    await expect(recorded).rejects.toThrow('affine/test');
  });

  it('refuses more storage buffers than the device may bind', async () => {
    const { gpu, x } = await setUp();
    await expect(record(gpu, [affineCall(x, x, { bindings: Array(11).fill(x) })])).rejects.toThrow(
      ShapeError,
    );
  });
});

describe('PipelineCache', () => {
  it('shows the position and the lines around a compile error', async () => {
    const { gpu, x, y } = await setUp();
    const kernel = { name: 'broken', code: affine.code.replace('f32(params.shift)', 'f32(params.shfit)') };
    const error = await record(gpu, [affineCall(x, y, { kernel })]).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ShaderError);
    const { message } = error as ShaderError;
    expect(message).toMatch(/^The kernel broken does not compile\.\n11:\d+ .*shfit/);
    expect(message).toContain('   10 |   if (id.x >= params.count) { return; }');
    expect(message).toMatch(/ {3}11 \| .*params\.shfit.*\n {6}\| +\^/);
  });

  it('refuses a kernel whose feature the device lacks', async () => {
    const { gpu, x, y } = await setUp();
    const kernel = { ...affine, features: ['depth-clip-control' as never] as const };
    await expect(record(gpu, [affineCall(x, y, { kernel })])).rejects.toThrow(AdapterError);
  });
});

describe('createStorageBuffer', () => {
  it('refuses more than the device holds in one piece', async () => {
    const { gpu } = await setUp();
    const { maxBufferSize, maxStorageBufferBindingSize } = gpu.traits.limits;
    const tooMuch = Math.min(maxBufferSize, maxStorageBufferBindingSize) + 4;
    await expect(createStorageBuffer(gpu, tooMuch)).rejects.toThrow(MemoryError);
  });

  it('refuses an empty buffer', async () => {
    const { gpu } = await setUp();
    await expect(createStorageBuffer(gpu, 0)).rejects.toThrow(MemoryError);
  });
});
